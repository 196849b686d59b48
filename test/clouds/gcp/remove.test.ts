import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestGcp, type TestGcp } from "../../fakes/gcp/test-gcp.ts";
import { example, manifest } from "../aws/templates.ts";
import { type Deployment, logLines } from "../consumer.ts";

let env: TestGcp;
beforeEach(async () => {
  env = await createTestGcp();
});
afterEach(async () => {
  expect(env.gcp.bugs).toEqual([]);
  await env.close();
});

const guestbook = example("guestbook");
const mastodon = manifest("mastodon");
const removed = { type: "state", state: "removed" };

async function deployed(app = mastodon): Promise<Deployment> {
  const deployment = env.deployment(app);
  expect(await env.provision(deployment)).toMatchObject({ state: "succeeded" });
  return deployment;
}
const resourceOfKind = (kind: string) => {
  const resource = [...env.project.resources.values()].find((item) => item.kind === kind);
  if (!resource) throw new Error(`there is no ${kind}`);
  return resource;
};

test("empties a bucket of every version first", async () => {
  const deployment = await deployed();
  for (let count = 0; count < 1_100; count++) env.gcp.putObject(resourceOfKind("bucket"), `files/${count % 700}`);
  expect(await env.remove(deployment)).toEqual(removed);
  expect(logLines(deployment).join("\n")).toContain("emptied of 1100 objects");
  expect(env.inventory()).toEqual([]);
});

test("a second removal sends no request, and resources deleted by hand are no error", async () => {
  const deployment = await deployed();
  env.project.resources.delete(`run/${resourceOfKind("services").name}`);
  env.project.resources.delete(`storage/${resourceOfKind("bucket").name}`);
  expect(await env.remove(deployment)).toEqual(removed);
  expect(env.inventory()).toEqual([]);
  const before = env.gcp.requests.length;
  expect(await env.remove(deployment)).toEqual(removed);
  expect(env.gcp.requests.length).toBe(before);
});

test("revokes roles before deleting their accounts, so that no deleted member stays in a policy", async () => {
  const deployment = await deployed();
  env.project.policy.bindings.push({
    role: "roles/cloudsql.client",
    members: ["user:colleague@example.com"],
    condition: { title: "until Friday", expression: "true" },
  });
  env.project.policy.bindings.push({ role: "roles/viewer", members: ["user:colleague@example.com"] });
  const colleagueBindings = env.project.policy.bindings.filter(({ members }) =>
    members.includes("user:colleague@example.com"),
  );
  expect(await env.remove(deployment)).toEqual(removed);
  expect(JSON.stringify(env.project.policy)).not.toContain("deleted:");
  expect(env.project.policy.bindings.filter(({ members }) => members.includes("user:colleague@example.com"))).toEqual(
    colleagueBindings,
  );
});

test("an account deleted by hand leaves no deleted member either", async () => {
  const deployment = await deployed(guestbook);
  const { markMemberDeleted } = await import("../../fakes/gcp/policies.ts");
  for (const item of [...env.project.resources.values()].filter(({ kind }) => kind === "serviceAccount")) {
    env.project.resources.delete(`iam/${item.name}`);
    markMemberDeleted(env.project, `${item.body.email}`, `${item.body.uniqueId}`);
  }
  expect(JSON.stringify(env.project.policy)).toContain("deleted:");
  expect(await env.remove(deployment)).toEqual(removed);
  expect(env.inventory()).toEqual([]);
});

test("reports what remains permanently", async () => {
  const deployment = await deployed(guestbook);
  await env.remove(deployment);
  const messages = logLines(deployment).join("\n");
  expect(messages).toContain("APIs stay switched on");
  expect(messages).toContain("list of builds");
  expect(messages).toContain("within two hours");
  expect(env.project.enabled.has("run.googleapis.com")).toBe(true);
});

test("leaves another deployment's resource of the same name alone", async () => {
  const otherDeployment = env.deployment(guestbook);
  await env.provision(otherDeployment);
  const service = resourceOfKind("services");
  service.body.labels = { "slipway-deployment": "another" };
  expect(await env.remove(otherDeployment)).toEqual(removed);
  expect(env.inventory().filter((item) => item.startsWith("run/"))).toEqual([`run/${service.name}`]);

  const again = env.deployment(guestbook);
  const state = await env.provision(again);
  expect(state).toMatchObject({
    state: "failed",
    error: {
      message: expect.stringMatching(/already exists.*not of this deployment/),
      next: expect.stringContaining("choose another project"),
      step: "web",
    },
  });
  expect(env.inventory().filter((item) => item.startsWith("run/"))).toEqual([`run/${service.name}`]);
});

test("expired access midway leaves the rest for the next removal", async () => {
  const deployment = await deployed();
  env.gcp.failNext(
    "run.projects.locations.services.delete",
    { status: 401, code: "UNAUTHENTICATED", message: "expired" },
    9,
  );
  expect(await env.remove(deployment)).toMatchObject({ state: "failed", error: { lapsed: true } });
  env.gcp.clearFaults();
  expect(env.inventory().length).toBeGreaterThan(0);
  expect(await env.remove(deployment)).toEqual(removed);
  expect(env.inventory()).toEqual([]);
});

test("cancels a running build and job", async () => {
  const deployment = env.deployment(guestbook);
  for await (const event of env.cloud.provision(deployment)) {
    const { record } = await import("../consumer.ts");
    record(deployment, event);
    if (event.type === "step" && event.name === "build" && event.message === "WORKING") break;
  }
  expect(await env.remove(deployment)).toEqual(removed);
  expect(resourceOfKind("builds").body.status).toBe("CANCELLED");
  expect(env.inventory()).toEqual([]);
});
