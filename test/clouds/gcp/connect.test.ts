import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect } from "../../../src/clouds/gcp/access/connect.ts";
import { compile } from "../../../src/clouds/gcp/compile/compile.ts";
import { gcp } from "../../../src/clouds/gcp/index.ts";
import { createTestGcp, type TestGcp } from "../../fakes/gcp/test-gcp.ts";
import { anApp, aResource } from "../../harness/apps.ts";
import { aDeployment, consume } from "../consumer.ts";

// The form for access to Google, and how its input is read.

let env: TestGcp;
beforeEach(async () => {
  env = await createTestGcp();
});
afterEach(async () => {
  expect(env.gcp.bugs).toEqual([]);
  await env.close();
});

const client = { id: "1.apps.googleusercontent.com", secret: "GOCSPX-1" };
const oauthAccess = () => {
  const { consent } = connect({ ...env.dependencies, client });
  if (!consent) throw new Error("nobody can lend anything");
  return consent;
};
const choice = { region: "us-central1", preset: "economy" as const };
const cached = compile(anApp({ resources: [aResource({ type: "redis", env: { REDIS_URL: "${url}" } })] }), choice);
const plain = compile(anApp(), choice);
const named = (fields: { name: string }[]) => fields.map(({ name }) => name);

describe("the connect form", () => {
  test("lists the user's projects with their billing state, billed ones first", async () => {
    env.gcp.project("a-shop-123", "1001").displayName = "A shop";
    env.gcp.project("no-money-7", "1002").billing = null;
    env.gcp.failNext("cloudbilling.projects.getBillingInfo", {
      status: 403,
      code: "PERMISSION_DENIED",
      message: "The caller does not have permission",
    });
    const { fields } = await oauthAccess().loadQuestions({ token: env.token }, plain);
    const [project] = fields;
    expect(project).toMatchObject({ name: "project", type: "choice", noDefault: true });
    const labels = project?.options?.map(({ label }) => label) ?? [];
    expect(labels).toHaveLength(3);
    expect(labels.filter((label) => label.endsWith(": billing is on"))).toHaveLength(1);
    expect(labels.filter((label) => label.endsWith(": whether billing is on is not known"))).toHaveLength(1);
    expect(labels[2]).toBe("no-money-7: billing is off, so nothing can be made in it");
    expect(project?.options?.map(({ value }) => value)).not.toContain("slipway-operator");
  });

  test("requests in parallel, and does not wait for slow responses", async () => {
    for (let item = 0; item < 30; item++) env.gcp.project(`many-${item}-of-them`, `${2000 + item}`);
    let together = 0;
    let most = 0;
    const slow = async (...args: Parameters<typeof fetch>) => {
      if (!String(args[0]).includes("billingInfo")) return env.dependencies.fetch(...args);
      most = Math.max(most, ++together);
      const mine = together;
      await env.dependencies.sleep(mine > 8 ? 60_000 : 1000);
      together--;
      return env.dependencies.fetch(...args);
    };
    const world = { ...env.dependencies, client, fetch: slow as typeof fetch };
    const { fields } = (await connect(world).consent?.loadQuestions({ token: env.token }, plain)) ?? { fields: [] };
    expect(most).toBe(8);
    expect(fields[0]?.options).toHaveLength(31);
  });

  test("caches for a minute, until a project is created", async () => {
    const item = oauthAccess();
    await item.loadQuestions({ token: env.token }, plain);
    const before = env.gcp.requests.length;
    await Promise.all([item.loadQuestions({ token: env.token }, cached), item.loadQuestions({ token: env.token })]);
    expect(env.gcp.requests).toHaveLength(before);
    await item.createTarget?.(
      { token: env.token },
      { name: "My Shop", billing: "billingAccounts/012345-6789AB-CDEF01" },
    );
    const [project] = (await item.loadQuestions({ token: env.token }, plain)).fields;
    expect(project?.options).toHaveLength(2);
    const after = env.gcp.requests.length;
    env.time.advance(61_000);
    await item.loadQuestions({ token: env.token }, plain);
    expect(env.gcp.requests.length).toBeGreaterThan(after);
  });

  test("includes a network only if the plan uses one", async () => {
    const [with_, without] = await Promise.all([
      oauthAccess().loadQuestions({ token: env.token }, cached),
      oauthAccess().loadQuestions({ token: env.token }, plain),
    ]);
    expect(named(with_.fields)).toEqual(["project", "network", "subnet", "keep"]);
    expect(named(without.fields)).toEqual(["project", "keep"]);
  });

  test("accepts a typed project ID, and offers to create a project", async () => {
    const token = env.gcp.token("nobody@example.com");
    const { fields, make } = await oauthAccess().loadQuestions({ token }, plain);
    expect(named(fields)).toEqual(["other", "keep"]);
    expect(make?.fields[1]?.options).toEqual([
      { value: "billingAccounts/012345-6789AB-CDEF01", label: "My Billing Account" },
    ]);
    env.gcp.google.billingAccounts.length = 0;
    const poor = await oauthAccess().loadQuestions({ token }, plain);
    expect(named(poor.make?.fields ?? [])).toEqual(["name"]);
    expect(poor.make?.help).toContain("no billing account");
  });

  test("reports an expired token or an operator's project that is not ready", async () => {
    env.gcp.google.projects.get("slipway-operator")?.enabled.delete("cloudresourcemanager.googleapis.com");
    await expect(oauthAccess().loadQuestions({ token: env.token })).rejects.toMatchObject({
      message: expect.stringContaining("has not been used in project"),
      lapsed: false,
    });
    env.gcp.expireTokens();
    await expect(oauthAccess().loadQuestions({ token: env.token })).rejects.toMatchObject({ lapsed: true });
  });
});

describe("a new project", () => {
  const billing = "billingAccounts/012345-6789AB-CDEF01";
  const make = (input: Record<string, string>) => oauthAccess().createTarget?.({ token: env.token }, input);

  test("is created, billed, and reused when the button is pressed twice", async () => {
    const made = await make({ name: "My Shop", billing });
    if (!made?.ok) throw new Error("it was not made");
    const { project = "" } = made.value;
    expect(project).toMatch(/^my-shop-[0-9a-f]{8}$/);
    expect(env.gcp.google.projects.get(project)).toMatchObject({ displayName: "My Shop", billing });
    expect(await make({ name: "My Shop", billing })).toEqual(made);
    expect([...env.gcp.google.projects.keys()].filter((id) => id.startsWith("my-shop"))).toHaveLength(1);
  });

  test.each([
    [{ name: "x", billing }, "no name for a project"],
    [{ name: "<script>", billing }, "no name for a project"],
    [{ name: "My Shop", billing: "billingAccounts/../x" }, "Somebody has to pay"],
    [{}, "no name for a project"],
  ])("is not created with %j", async (input, problem) => {
    expect(await make(input)).toMatchObject({ ok: false, problems: [{ message: expect.stringContaining(problem) }] });
    expect(env.gcp.requests).toEqual([]);
  });

  test("reports Google's message if it may not be created", async () => {
    const message = "Project creation is not allowed for this account.";
    env.gcp.failNext("cloudresourcemanager.projects.create", { status: 403, code: "PERMISSION_DENIED", message }, 9);
    await expect(make({ name: "My Shop", billing })).rejects.toMatchObject({
      message: expect.stringContaining(message),
    });
  });
});

describe("access", () => {
  const read = (input: Record<string, unknown>) => connect(env.dependencies).parse(input);
  const good = { token: "ya29.a-token", project: "my-shop-123" };

  test("has a token, a project and the default network, and keeps nothing by default", () => {
    expect(read(good)).toEqual({ ok: true, value: { ...good, network: "default", subnet: "default", keep: "no" } });
    const more = { network: "offices", subnet: "floor-3", keep: "yes", other: "example.com:old-one" };
    expect(read({ ...good, ...more })).toMatchObject({
      value: { project: "example.com:old-one", network: "offices", subnet: "floor-3", keep: "yes" },
    });
  });

  test.each([
    [{}, ["access.token", "access.project"]],
    [{ ...good, token: "two words\r\nand a line" }, ["access.token"]],
    [{ ...good, project: "../../other" }, ["access.project"]],
    [{ ...good, other: "UPPER" }, ["access.other"]],
    [{ ...good, network: "projects/p/global/networks/n" }, ["access.network"]],
    [{ ...good, subnet: "-" }, ["access.subnet"]],
    [{ ...good, keep: "perhaps" }, ["access.keep"]],
  ])("rejects %j", (input, paths) => {
    const answer = read(input);
    expect(answer.ok ? [] : answer.problems.map(({ path }) => path)).toEqual(paths);
  });
});

test("does not look for resources in another project, which would report them as removed", async () => {
  const cloud = gcp(env.dependencies);
  const access = { token: env.token, project: env.project.id, network: "default", subnet: "default", keep: "yes" };
  env.gcp.google.scenario.build = "The build does not work.";
  const deployment = aDeployment(cloud, anApp(), {}, { access });
  expect(await consume(deployment, cloud.provision(deployment))).toMatchObject({ state: "failed" });
  const made = env.gcp.inventory(env.project);
  expect(made.length).toBeGreaterThan(0);
  env.gcp.project("another-one-7", "1007");
  const elsewhere = { ...deployment, access: { ...access, project: "another-one-7" } };
  expect(await consume(elsewhere, cloud.remove(elsewhere))).toMatchObject({
    state: "failed",
    error: { message: expect.stringContaining(`It is in the project ${env.project.id}`) },
  });
  expect(env.gcp.inventory(env.project)).toEqual(made);
  expect(await consume(deployment, cloud.remove(deployment))).toEqual({ type: "state", state: "removed" });
  expect(env.gcp.inventory(env.project)).toEqual([]);
});
