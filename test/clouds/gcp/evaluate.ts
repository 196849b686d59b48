import type { App } from "../../../src/app.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import type {
  ApiRequest,
  Conditional,
  IamMember,
  Interpolation,
  ManagedResource,
  Reference,
  Resource,
  Stack,
  Value,
} from "../../../src/clouds/gcp/stack.ts";
import type { Preset } from "../../../src/plan.ts";

export const stackOf = (app: App, preset: Preset = "economy", region = "us-central1"): Stack =>
  compile(app, { region, preset }).stack as unknown as Stack;

const facts = {
  project: "my-project",
  number: "123456789012",
  region: "us-central1",
  id: "k3v9x2ab",
  deployment: "k3v9x2abcdefghijklmnopqrst",
  attempt: "1",
  network: "projects/my-project/global/networks/default",
  subnet: "projects/my-project/regions/us-central1/subnetworks/default",
};

const tellsLike: Record<string, string> = {
  connection: "my-project:us-central1:database",
  host: "10.0.0.3",
  port: "6379",
  uri: "us-central1-docker.pkg.dev/my-project/images",
  accessId: "GOOG1EACCESSKEY",
};

interface Answers {
  env?: Record<string, string>;
  opening?: "unchecked" | "granted";
  deployment?: string;
}

/** Resolves a value with made-up project data; secrets become `<...>`. */
export function evaluate(
  value: Value,
  { env = {}, opening = "unchecked", deployment = facts.deployment }: Answers = {},
): unknown {
  const holds = ({ $when: when }: Conditional) =>
    "given" in when ? env[when.given] !== undefined : when.opening === opening;
  const of = (one: Value): unknown => {
    if (Array.isArray(one)) return one.filter((item) => !isPerhaps(item) || holds(item)).map(of);
    if (typeof one !== "object" || one === null) return one;
    if (isPerhaps(one)) return of(one.value);
    if (isLater(one)) {
      const text = one.$.map((part) => (typeof part === "string" ? part : known(part))).join("");
      return one.as === "base64" ? Buffer.from(text).toString("base64") : text;
    }
    return Object.fromEntries(
      Object.entries(one).flatMap(([key, item]) => (isPerhaps(item) && !holds(item) ? [] : [[key, of(item)]])),
    );
  };
  const known = (part: Reference): string => {
    if ("is" in part) return part.is === "deployment" ? deployment : facts[part.is];
    if ("secret" in part) return `<${part.secret.replace(/[^a-z ]/gi, "")}>`;
    if ("told" in part) return tellsLike[part.told[2]] ?? `${part.told[1]}@my-project.iam.gserviceaccount.com`;
    if ("read" in part) return "<auth>";
    if ("key" in part) return part.key === "secret" ? "<key>" : "GOOG1EACCESSKEY";
    const said = env[part.answer] ?? "";
    return part.late && said === part.late.text ? `${of({ $: part.late.parts })}` : said;
  };
  return of(value);
}

const isPerhaps = (one: Value): one is Conditional => typeof one === "object" && one !== null && "$when" in one;
const isLater = (one: object): one is Interpolation => "$" in one;

/** Returns every request that may be sent for a resource. */
export function requestsOf(one: Resource): ApiRequest[] {
  if (one.kind === "thing") return [one.create, one.find, one.loosen ?? [], one.remove ?? []].flat();
  if (one.kind === "grant") return [one.read, one.write];
  return one.kind === "key" ? [one.list, one.create, ...one.keep, ...one.remove] : [one.start];
}

export const resources = ({ steps }: Stack): Resource[] => steps.flatMap((step) => step.resources);
export const managedResources = (stack: Stack, method: string): ManagedResource[] =>
  resources(stack).flatMap((one) => (one.kind === "thing" && one.create.method === method ? [one] : []));
export const grants = (stack: Stack): IamMember[] => resources(stack).filter((one) => one.kind === "grant");

type Body = Record<string, unknown>;
/** Returns the requests to a method, as they are sent. */
export const bodies = (stack: Stack, method: string, answers?: Answers): Body[] =>
  resources(stack)
    .flatMap(requestsOf)
    .filter((request) => request.method === method)
    .map(({ body = {} }) => evaluate(body, answers) as Body);

export interface Container {
  name: string;
  image: string;
  command?: string[];
  args?: string[];
  env: { name: string; value?: string; valueSource?: { secretKeyRef: { secret: string } } }[];
  resources: { limits: { cpu: string; memory: string }; cpuIdle?: boolean };
  ports?: { containerPort: number }[];
  dependsOn?: string[];
  startupProbe?: Body;
  livenessProbe?: Body;
  volumeMounts?: { name: string; mountPath: string }[];
}
export interface Template {
  containers: Container[];
  volumes?: Body[];
  vpcAccess?: Body;
  scaling?: { minInstanceCount: number; maxInstanceCount: number };
  timeout?: string;
  maxRetries?: number;
}

const kinds = { services: "serviceId", jobs: "jobId", workerPools: "workerPoolId" };

/** Returns a Cloud Run resource by the end of its name. */
export function running(stack: Stack, kind: keyof typeof kinds, answers?: Answers): Record<string, Template & Body> {
  return Object.fromEntries(
    managedResources(stack, `projects.locations.${kind}.create`)
      .filter(({ create }) => create.api === "run")
      .map(({ create: { params, body = {} } }) => {
        const name = `${evaluate(params[kinds[kind]] ?? "")}`.replace(/^.*-k3v9x2ab-/, "");
        const sent = evaluate(body, answers) as Body & { template: Body };
        const template = (kind === "jobs" ? sent.template.template : sent.template) as Template;
        return [name, { ...sent, ...template }];
      }),
  );
}

/** Returns a container's environment; a secret appears as `secret NAME`. */
export const envOf = (container: Container | undefined): Record<string, string> =>
  Object.fromEntries(
    (container?.env ?? []).map(({ name, value, valueSource }) => [
      name,
      value ?? `secret ${valueSource?.secretKeyRef.secret.replace(/^.*-k3v9x2ab-/, "")}`,
    ]),
  );

/** Returns the stored secrets, by the end of their names. */
export const kept = (stack: Stack, answers?: Answers): Record<string, string> =>
  Object.fromEntries(
    resources(stack)
      .flatMap(requestsOf)
      .filter(({ method }) => method === "projects.secrets.addVersion")
      .map(({ params, body = {} }) => {
        const { payload } = evaluate(body, answers) as { payload: { data: string } };
        const name = `${evaluate(params.parent ?? "")}`.replace(/^.*-k3v9x2ab-/, "");
        return [name, Buffer.from(payload.data, "base64").toString()];
      }),
  );
