import type { App } from "../../../src/app.ts";
import type { Access, Cloud } from "../../../src/clouds/cloud.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import { askedVariables } from "../../../src/clouds/gcp/compile/variables.ts";
import type { Dependencies } from "../../../src/clouds/gcp/dependencies.ts";
import { apiMethod } from "../../../src/clouds/gcp/provision/api/googleapis.ts";
import { provision } from "../../../src/clouds/gcp/provision/provision.ts";
import { remove } from "../../../src/clouds/gcp/provision/remove.ts";
import { aDeployment, consume, type Deployment, rearm } from "../../clouds/consumer.ts";
import { asProbe } from "../../harness/as-probe.ts";
import { testMark, testWords } from "../../harness/scripted-cloud.ts";
import { type Clock, clock } from "./clock.ts";
import { fakeGcp } from "./gcp.ts";

export const origin = "https://slipway.example";

interface TestGcpOptions {
  time?: Clock;
  /** Clock milliseconds per second of work at Google. */
  pace?: number;
}

/** Starts a fake Google Cloud with a visitor's project and a token for it, and a cloud that uses them. */
export async function createTestGcp({ time = clock(), pace }: TestGcpOptions = {}) {
  const gcp = await fakeGcp({ now: time.now, pace });
  const project = gcp.project();
  const token = gcp.token();
  const fetchUrl = ((input: string, init?: RequestInit) => time.busy(() => gcp.fetch(input, init))) as typeof fetch;
  const dependencies: Dependencies = {
    origin,
    endpoint: gcp.endpoint,
    issuer: "https://accounts.google.com",
    client: null,
    fetch: fetchUrl,
    probe: asProbe(fetchUrl),
    now: () => new Date(time.now()),
    sleep: time.sleep,
  };
  const cloud: Cloud = {
    id: "gcp",
    name: "Google Cloud",
    mark: testMark,
    words: testWords("Google Cloud"),
    regions: [{ id: "us-central1", name: "Iowa" }],
    support: () => [],
    variables: askedVariables,
    compile,
    connect: { kind: "oauth", summary: "", parse: () => ({ ok: true, value: {} }) },
    preflight: async () => [],
    provision: (run) => provision(dependencies, run),
    remove: (run) => remove(dependencies, run),
  };
  const createAccess = (overrides: Access = {}): Access => ({ token, project: project.id, ...overrides });
  // Loads the clients first: the clock would take the time to read a file for idleness.
  await Promise.all(modules.map(([api, method]) => apiMethod(api, method)));

  return {
    gcp,
    time,
    dependencies,
    cloud,
    project,
    token,
    createAccess,
    /** Creates a deployment of an app with an answer for every variable. */
    deployment: (app: App, access: Access = {}, id = "d1a2b3c4d5e6f7") =>
      aDeployment(cloud, app, {}, { id, access: createAccess(access), env: answers(app) }),
    provision: (deployment: Deployment) => consume(deployment, cloud.provision(deployment)),
    remove: (deployment: Deployment) => consume(deployment, cloud.remove(deployment)),
    retry(deployment: Deployment) {
      rearm(deployment);
      return consume(deployment, cloud.provision(deployment));
    },
    inventory: () => gcp.inventory(project),
    async close() {
      await gcp.close();
    },
  };
}
export type TestGcp = Awaited<ReturnType<typeof createTestGcp>>;

const modules = [
  ["artifactregistry", "projects.locations.repositories.get"],
  ["cloudbuild", "projects.locations.builds.get"],
  ["cloudresourcemanager", "projects.get"],
  ["cloudscheduler", "projects.locations.jobs.get"],
  ["iam", "projects.serviceAccounts.get"],
  ["logging", "entries.list"],
  ["orgpolicy", "projects.policies.getEffectivePolicy"],
  ["redis", "projects.locations.instances.get"],
  ["run", "projects.locations.services.get"],
  ["secretmanager", "projects.secrets.get"],
  ["serviceusage", "services.get"],
  ["sqladmin", "instances.get"],
  ["storage", "buckets.get"],
] as const;

export const secretAnswer = (name: string) => `correct-horse-battery-${name.toLowerCase()}`;

const answers = (app: App): Record<string, string> =>
  Object.fromEntries(
    askedVariables(app).flatMap(({ name, default: defaultValue, secret, generator, required, options }) => {
      if (secret || generator) return [[name, secretAnswer(name)]];
      const value = defaultValue ?? options?.[0] ?? (required ? `answer-${name.toLowerCase()}` : null);
      return value === null ? [] : [[name, `${value}`]];
    }),
  );
