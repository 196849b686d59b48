import { afterEach, beforeEach, expect, test } from "vitest";
import { createTestGcp, type TestGcp } from "../../fakes/gcp/test-gcp.ts";
import { example, manifest } from "../aws/templates.ts";
import { type Deployment, logLines } from "../consumer.ts";

let here: TestGcp;
beforeEach(async () => {
  here = await createTestGcp();
});
afterEach(async () => {
  expect(here.gcp.bugs).toEqual([]);
  await here.close();
});

const guestbook = example("guestbook");
const mastodon = manifest("mastodon");
const removed = { type: "state", state: "removed" };

async function deployed(app = mastodon): Promise<Deployment> {
  const deployment = here.deployment(app);
  expect(await here.provision(deployment)).toMatchObject({ state: "succeeded" });
  return deployment;
}
const thing = (kind: string) => {
  const found = [...here.project.resources.values()].find((one) => one.kind === kind);
  if (!found) throw new Error(`there is no ${kind}`);
  return found;
};

test("empties a bucket of every version first", async () => {
  const deployment = await deployed();
  for (let count = 0; count < 1_100; count++) here.gcp.putObject(thing("bucket"), `files/${count % 700}`);
  expect(await here.remove(deployment)).toEqual(removed);
  expect(logLines(deployment).join("\n")).toContain("emptied of 1100 objects");
  expect(here.inventory()).toEqual([]);
});

test("a second removal sends no request, and resources deleted by hand are no error", async () => {
  const deployment = await deployed();
  here.project.resources.delete(`run/${thing("services").name}`);
  here.project.resources.delete(`storage/${thing("bucket").name}`);
  expect(await here.remove(deployment)).toEqual(removed);
  expect(here.inventory()).toEqual([]);
  const before = here.gcp.requests.length;
  expect(await here.remove(deployment)).toEqual(removed);
  expect(here.gcp.requests.length).toBe(before);
});

test("revokes roles before deleting their accounts, so that no deleted member stays in a policy", async () => {
  const deployment = await deployed();
  here.project.policy.bindings.push({
    role: "roles/cloudsql.client",
    members: ["user:colleague@example.com"],
    condition: { title: "until Friday", expression: "true" },
  });
  here.project.policy.bindings.push({ role: "roles/viewer", members: ["user:colleague@example.com"] });
  const theirs = here.project.policy.bindings.filter(({ members }) => members.includes("user:colleague@example.com"));
  expect(await here.remove(deployment)).toEqual(removed);
  expect(JSON.stringify(here.project.policy)).not.toContain("deleted:");
  expect(here.project.policy.bindings.filter(({ members }) => members.includes("user:colleague@example.com"))).toEqual(
    theirs,
  );
});

test("an account deleted by hand leaves no deleted member either", async () => {
  const deployment = await deployed(guestbook);
  const { markMemberDeleted } = await import("../../fakes/gcp/policies.ts");
  for (const one of [...here.project.resources.values()].filter(({ kind }) => kind === "serviceAccount")) {
    here.project.resources.delete(`iam/${one.name}`);
    markMemberDeleted(here.project, `${one.body.email}`, `${one.body.uniqueId}`);
  }
  expect(JSON.stringify(here.project.policy)).toContain("deleted:");
  expect(await here.remove(deployment)).toEqual(removed);
  expect(here.inventory()).toEqual([]);
});

test("reports what remains permanently", async () => {
  const deployment = await deployed(guestbook);
  await here.remove(deployment);
  const said = logLines(deployment).join("\n");
  expect(said).toContain("APIs stay switched on");
  expect(said).toContain("list of builds");
  expect(said).toContain("within two hours");
  expect(here.project.enabled.has("run.googleapis.com")).toBe(true);
});

test("leaves another deployment's resource of the same name alone", async () => {
  const other = here.deployment(guestbook);
  await here.provision(other);
  const service = thing("services");
  service.body.labels = { "slipway-deployment": "another" };
  expect(await here.remove(other)).toEqual(removed);
  expect(here.inventory().filter((one) => one.startsWith("run/"))).toEqual([`run/${service.name}`]);

  const again = here.deployment(guestbook);
  const state = await here.provision(again);
  expect(state).toMatchObject({
    state: "failed",
    error: {
      message: expect.stringMatching(/already exists.*not of this deployment/),
      next: expect.stringContaining("choose another project"),
      step: "web",
    },
  });
  expect(here.inventory().filter((one) => one.startsWith("run/"))).toEqual([`run/${service.name}`]);
});

test("expired access midway leaves the rest for the next removal", async () => {
  const deployment = await deployed();
  here.gcp.failNext(
    "run.projects.locations.services.delete",
    { status: 401, code: "UNAUTHENTICATED", message: "expired" },
    9,
  );
  expect(await here.remove(deployment)).toMatchObject({ state: "failed", error: { lapsed: true } });
  here.gcp.clearFaults();
  expect(here.inventory().length).toBeGreaterThan(0);
  expect(await here.remove(deployment)).toEqual(removed);
  expect(here.inventory()).toEqual([]);
});

test("cancels a running build and job", async () => {
  const deployment = here.deployment(guestbook);
  for await (const event of here.cloud.provision(deployment)) {
    const { record } = await import("../consumer.ts");
    record(deployment, event);
    if (event.type === "step" && event.name === "build" && event.message === "WORKING") break;
  }
  expect(await here.remove(deployment)).toEqual(removed);
  expect(thing("builds").body.status).toBe("CANCELLED");
  expect(here.inventory()).toEqual([]);
});
