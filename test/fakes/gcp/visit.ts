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

interface Given {
  time?: Clock;
  /** Milliseconds on the clock for what takes Google a second. */
  pace?: number;
}

/** A Slipway, Google, and a visitor with a project there and a token for it. */
export async function visit({ time = clock(), pace }: Given = {}) {
  const gcp = await fakeGcp({ now: time.now, pace });
  const project = gcp.project();
  const token = gcp.token();
  const fetchUrl = ((input: string, init?: RequestInit) => time.busy(() => gcp.fetch(input, init))) as typeof fetch;
  const world: Dependencies = {
    origin,
    endpoint: gcp.endpoint,
    issuer: "https://accounts.google.com",
    client: null,
    fetch: fetchUrl,
    probe: asProbe(fetchUrl),
    now: () => new Date(time.now()),
    sleep: time.pause,
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
    provision: (run) => provision(world, run),
    remove: (run) => remove(world, run),
  };
  const lent = (more: Access = {}): Access => ({ token, project: project.id, ...more });
  // The clock must not take a file that is still being read for idleness.
  await Promise.all(modules.map(([api, method]) => apiMethod(api, method)));

  return {
    gcp,
    time,
    world,
    cloud,
    project,
    token,
    lent,
    /** A deployment of an app with every question answered. */
    deployment: (app: App, access: Access = {}, id = "d1a2b3c4d5e6f7") =>
      aDeployment(cloud, app, {}, { id, access: lent(access), env: answers(app) }),
    provision: (deployment: Deployment) => consume(deployment, cloud.provision(deployment)),
    remove: (deployment: Deployment) => consume(deployment, cloud.remove(deployment)),
    retry(deployment: Deployment) {
      rearm(deployment);
      return consume(deployment, cloud.provision(deployment));
    },
    left: () => gcp.left(project),
    async end() {
      await gcp.close();
    },
  };
}
export type Visit = Awaited<ReturnType<typeof visit>>;

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
    askedVariables(app).flatMap(({ name, default: usual, secret, generator, required, options }) => {
      if (secret || generator) return [[name, secretAnswer(name)]];
      const value = usual ?? options?.[0] ?? (required ? `answer-${name.toLowerCase()}` : null);
      return value === null ? [] : [[name, `${value}`]];
    }),
  );
