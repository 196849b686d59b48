import { afterEach, beforeEach, expect, test } from "vitest";
import { client } from "../../../src/clouds/gcp/provision/api/client.ts";
import type { Api } from "../../../src/clouds/gcp/stack.ts";
import { createTestGcp, type TestGcp } from "../../fakes/gcp/test-gcp.ts";

let env: TestGcp;
beforeEach(async () => {
  env = await createTestGcp();
});
afterEach(async () => {
  expect(env.gcp.bugs).toEqual([]);
  await env.close();
});

const ask = (api: Api, method: string, params: object, body?: unknown) =>
  client(env.dependencies, { token: env.token, project: env.project.id }).call({
    api,
    method,
    params: { ...params },
    body,
  });

const parent = "projects/visitors-project/locations/us-central1";
const service = { template: { containers: [{ image: "us-docker.pkg.dev/cloudrun/container/hello" }] } };
const create = (body: unknown, serviceId = "web") =>
  ask("run", "projects.locations.services.create", { parent, serviceId }, body);

async function enableApis(...names: string[]) {
  for (const name of names) env.project.enabled.set(`${name}.googleapis.com`, 0);
}

test("rejects a disabled API as Google does", async () => {
  await expect(create(service)).rejects.toMatchObject({ status: 403, reason: "SERVICE_DISABLED" });
});

test("rejects an unknown and an expired token", async () => {
  await enableApis("run");
  const stranger = client(env.dependencies, { token: "ya29.other", project: env.project.id });
  const request = {
    api: "run",
    method: "projects.locations.services.get",
    params: { name: `${parent}/services/web` },
  } as const;
  await expect(stranger.call(request)).rejects.toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
  env.gcp.expireTokens();
  await expect(create(service)).rejects.toMatchObject({ status: 401, reason: "ACCESS_TOKEN_EXPIRED" });
});

test("rejects anything the discovery document does not define", async () => {
  await enableApis("run");
  const wrong = [
    { ...service, servicename: "x" },
    { template: { containers: [{ image: "x", enviroment: [] }] } },
    { template: { containers: [{ image: 7 }] } },
    { ...service, ingress: "INGRESS_TRAFFIC_SOME" },
    { template: { ...service.template, timeout: "5 minutes" } },
    { template: { containers: [{}] } },
    { template: { containers: [{ image: "x", ports: [{ containerPort: "eighty" }] }] } },
  ];
  for (const body of wrong)
    await expect(create(body), JSON.stringify(body)).rejects.toMatchObject({ status: 400, code: "INVALID_ARGUMENT" });
  await expect(
    ask("run", "projects.locations.services.create", { parent, serviceId: "web", force: true }, service),
  ).rejects.toThrow("Cannot bind query parameter");
  await expect(create(service, "Web")).rejects.toThrow("must use only lowercase");
  await expect(create({ ...service, labels: { ok: "Not ok" } })).rejects.toThrow("Invalid label");
});

test("rejects references to missing resources", async () => {
  await enableApis("run", "redis", "storage");
  const account = "nobody@visitors-project.iam.gserviceaccount.com";
  await expect(create({ template: { ...service.template, serviceAccount: account } })).rejects.toThrow("actAs");
  await expect(
    create({ template: { containers: [{ image: "us-central1-docker.pkg.dev/visitors-project/apps/web:1" }] } }),
  ).rejects.toThrow("not found");
  const vpcAccess = { networkInterfaces: [{ network: "projects/visitors-project/global/networks/other" }] };
  await expect(create({ template: { ...service.template, vpcAccess } })).rejects.toThrow("does not exist");
});

test("completes an operation after its duration, with the resource created", async () => {
  await enableApis("run");
  const operation = await create(service);
  expect(operation).toMatchObject({ done: false, metadata: { reconciling: true } });
  const name = `${operation.name}`;
  expect(await ask("run", "projects.locations.operations.get", { name })).toMatchObject({ done: false });
  env.time.advance(60_000);
  const uri = "https://web-123456789012.us-central1.run.app";
  expect(await ask("run", "projects.locations.operations.get", { name })).toMatchObject({
    done: true,
    response: { uri },
  });
  await expect(create(service)).rejects.toMatchObject({ status: 409, code: "ALREADY_EXISTS" });
  expect((await env.dependencies.fetch(uri)).status).toBe(403);
});

test("requires the current etag to set a policy, and keeps conditions", async () => {
  const resource = "projects/visitors-project";
  const read = (requestedPolicyVersion: number) =>
    ask("cloudresourcemanager", "projects.getIamPolicy", { resource }, { options: { requestedPolicyVersion } });
  const set = (policy: unknown) => ask("cloudresourcemanager", "projects.setIamPolicy", { resource }, { policy });
  const policy = await read(3);
  env.project.policy.bindings.push({
    role: "roles/viewer",
    members: ["user:colleague@example.com"],
    condition: { title: "until Friday", expression: "true" },
  });
  await set(policy).then(
    () => expect.unreachable(),
    (error) => expect(error.message).toContain("version 3"),
  );
  const old = await read(1);
  await expect(set({ ...old, version: 3 })).rejects.toThrow("not supported");
  const fullPolicy = await read(3);
  await set(fullPolicy);
  await expect(set(fullPolicy)).rejects.toMatchObject({ status: 409, code: "ABORTED" });
});

test("responds to the requests of the project picker and the preflight", async () => {
  const clientWithoutProject = client(env.dependencies, { token: env.token });
  const response = await clientWithoutProject.call({
    api: "cloudresourcemanager",
    method: "projects.search",
    params: { query: "state:ACTIVE" },
  });
  expect(response).toMatchObject({ projects: [{ projectId: "visitors-project", name: "projects/123456789012" }] });
  expect(await ask("cloudbilling", "projects.getBillingInfo", { name: "projects/visitors-project" })).toMatchObject({
    billingEnabled: true,
  });
  expect(await ask("cloudbilling", "billingAccounts.list", {})).toMatchObject({ billingAccounts: [{ open: true }] });
  env.project.denied.add("run.services.create");
  const permissions = ["run.services.create", "run.services.get"];
  expect(
    await ask(
      "cloudresourcemanager",
      "projects.testIamPermissions",
      { resource: "projects/visitors-project" },
      { permissions },
    ),
  ).toEqual({ permissions: ["run.services.get"] });
  env.project.constraints.set("run.allowedIngress", { allow: ["internal"] });
  const policy = await ask("orgpolicy", "projects.policies.getEffectivePolicy", {
    name: "projects/visitors-project/policies/run.allowedIngress",
  });
  expect(policy).toMatchObject({ spec: { rules: [{ values: { allowedValues: ["internal"] } }] } });
  const names = ["projects/visitors-project/services/run.googleapis.com"];
  expect(await ask("serviceusage", "services.batchGet", { parent: "projects/visitors-project", names })).toMatchObject({
    services: [{ state: "DISABLED" }],
  });
  const operation = await clientWithoutProject.call({
    api: "cloudresourcemanager",
    method: "projects.create",
    params: {},
    body: { projectId: "fresh-project" },
  });
  env.time.advance(60_000);
  expect(
    await clientWithoutProject.call({
      api: "cloudresourcemanager",
      method: "operations.get",
      params: { name: operation.name },
    }),
  ).toMatchObject({
    done: true,
    response: { projectId: "fresh-project" },
  });
  await enableApis("compute");
  const location = { project: "visitors-project", region: "us-central1", subnetwork: "default" };
  expect(await ask("compute", "subnetworks.get", location)).toMatchObject({ name: "default" });
  await expect(ask("compute", "subnetworks.get", { ...location, subnetwork: "other" })).rejects.toMatchObject({
    status: 404,
  });
});
