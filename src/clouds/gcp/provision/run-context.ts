import { mask } from "../../../mask.ts";
import { type LedgerData, OperationalError, type Run } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import {
  type ApiRequest,
  type Condition,
  outputKey,
  type PublicAccessMode,
  type Reference,
  type Stack,
  shortId,
} from "../stack.ts";
import { type ApiResponse, type Client, client, type ResolvedRequest } from "./api/client.ts";
import { getPath, getString } from "./api/json-path.ts";
import { retryUntilPropagated } from "./api/retry-propagation.ts";
import { type Resolver, resolveRequest } from "./resolve-values.ts";

/** One run, with what it works with. */
export interface RunContext {
  world: Dependencies;
  run: Run;
  stack: Stack;
  project: string;
  client: Client;
  /** Asks as long as there is hope: what is throttled, lost, or not known everywhere yet. */
  call(request: ResolvedRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** What is known for a resource of this step. */
  resolver(about: ResolveScope, signal: AbortSignal): Resolver;
  /** Hides secrets in what others say. */
  mask(text: string): string;
  /** Why steps have failed. */
  failures: Map<string, OperationalError>;
  /** From now on this is hidden too. */
  addSecret(text: string): void;
}

/** Whose words a request is filled with. */
export interface ResolveScope {
  /** What a step has written down. */
  of(step: string): LedgerData;
  /** Of the step's things, see `attempt` of what is known. */
  number: number;
  /** What is listed of the key in hand, and its secret. */
  key?: ApiResponse;
}

export function createRunContext(world: Dependencies, run: Run): RunContext {
  const stack = run.plan.stack as unknown as Stack;
  const { token = "", project = "" } = run.access;
  const google = client(world, { token, project });
  const hidden = new Set([token, ...secretsIn(stack, run)]);
  const ask = (request: ResolvedRequest, signal: AbortSignal) =>
    retryUntilPropagated(world, () => google.call(request), signal);
  const once = new Map<string, Promise<string>>();
  /** What does not change is asked once. */
  const remembered = (key: string, find: () => Promise<string>) => {
    const known = once.get(key) ?? find();
    once.set(key, known);
    known.catch(() => once.delete(key));
    return known;
  };

  const numberOf = (signal: AbortSignal) =>
    remembered("number", async () => {
      const name = `projects/${project}`;
      const found = await ask({ api: "cloudresourcemanager", method: "projects.get", params: { name } }, signal);
      return getString(found, "name").replace("projects/", "");
    });

  const openingOf = (signal: AbortSignal) =>
    remembered("opening", async () => {
      const name = `projects/${project}/policies/run.managed.requireInvokerIam`;
      const request = { api: "orgpolicy", method: "projects.policies.getEffectivePolicy", params: { name } } as const;
      // Who may not read policies of the organisation finds out by doing.
      const policy = await google.callWithRetry(request, signal).catch(() => ({}));
      const rules = getPath(policy, "spec.rules");
      const enforced = Array.isArray(rules) && rules.some((rule) => getPath(rule, "enforce") === true);
      return (enforced ? "granted" : "unchecked") satisfies PublicAccessMode;
    });

  const facts = (about: ResolveScope, signal: AbortSignal): Resolver => {
    const own: Resolver = {
      resolve: (known) => of(known),
      async test(when: Condition) {
        if ("given" in when) return (run.env[when.given] ?? "") !== "";
        return (await openingOf(signal)) === when.opening;
      },
    };
    async function of(known: Reference): Promise<string> {
      if ("secret" in known) return run.deriveSecret(known.secret);
      if ("key" in known) return keyed(about.key, known.key);
      if ("read" in known) return read(known.read, known.at);
      if ("told" in known) {
        const [step, resource, field] = known.told;
        const told = about.of(step)[outputKey(resource, field)];
        if (told === undefined || told === null) throw new MissingOutput(`${step} has not told ${resource}.${field}`);
        return `${told}`;
      }
      if ("answer" in known) {
        const answer = run.env[known.answer] ?? "";
        const { late } = known;
        if (!late || answer !== late.text) return answer;
        const parts = await Promise.all(late.parts.map((part) => (typeof part === "string" ? part : of(part))));
        return parts.join("");
      }
      switch (known.is) {
        case "project":
          return project;
        case "number":
          return numberOf(signal);
        case "region":
          return run.plan.region;
        case "id":
          return shortId(run.id);
        case "deployment":
          return run.id;
        case "attempt":
          return `${about.number}`;
        default:
          return place(run, project, known.is);
      }
    }
    async function read(request: ApiRequest, at: string): Promise<string> {
      const value = getString(await ask(await resolveRequest(request, own), signal), at);
      hidden.add(value);
      return value;
    }
    return own;
  };

  return {
    world,
    run,
    stack,
    project,
    client: google,
    call: ask,
    resolver: facts,
    mask: (text) => mask(hidden)(text),
    failures: new Map(),
    addSecret: (text) => void hidden.add(text),
  };
}

/** What a request needs was never told, because what tells it was never made. */
export class MissingOutput extends Error {
  override name = "Untold";
}

const keyed = (key: ApiResponse | undefined, path: string): string => {
  if (!key) throw new Error(`no key in hand has ${path}`);
  return getString(key, path);
};

/** A subnet of the network that a project begins with has the network's name. */
function place({ access, plan: { region } }: Run, project: string, what: "network" | "subnet"): string {
  const { network = "default", subnet = network.split("/").at(-1) ?? "default" } = access;
  const name = what === "network" ? network : subnet;
  if (name.includes("/")) return name;
  return what === "network"
    ? `projects/${project}/global/networks/${name}`
    : `projects/${project}/regions/${region}/subnetworks/${name}`;
}

/** Every secret of ours and every answer that may be one: whatever an app says of them is hidden. */
function secretsIn(stack: Stack, run: Run): string[] {
  const found: string[] = run.app.variables.flatMap(({ name, secret, generator }) =>
    secret || generator ? (run.env[name] ?? []) : [],
  );
  const look = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    for (const one of Object.values(value)) look(one);
    if ("secret" in value && typeof value.secret === "string" && Object.keys(value).length === 1)
      found.push(run.deriveSecret(value.secret));
  };
  look(stack);
  return found;
}

/** Throws unless there is a token to work with. */
export function requireAccess({ access }: Run, next: string) {
  if (!access.token || !access.project)
    throw new OperationalError("Access to this project is no longer lent.", next, { lapsed: true });
}
