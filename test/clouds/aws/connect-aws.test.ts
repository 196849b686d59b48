import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { setupRoutes } from "../../../routes/access/setup.ts";
import { configureRoutes } from "../../../routes/repositories/configure.ts";
import { manualStackName, type Template } from "../../../src/clouds/aws/cloudformation.ts";
import { compile } from "../../../src/clouds/aws/compile/compile.ts";
import { deployStackCommand } from "../../../src/clouds/aws/export/instructions.ts";
import { aws } from "../../../src/clouds/aws/index.ts";
import { createTestAws, operatorAccount, origin, type TestAws, visitorAccount } from "../../fakes/aws/test-aws.ts";
import { anApp, aService, aVariable } from "../../harness/apps.ts";
import { needs, programOf } from "../../harness/peers.ts";
import { collectStream } from "../../harness/scripted-cloud.ts";
import { createTestApp } from "../../harness/test-app.ts";
import { findMarkupError } from "../../harness/well-formed.ts";

let env: TestAws;
beforeEach(async () => {
  env = await createTestAws({ operator: true });
});
afterEach(async () => {
  expect(env.aws.bugs).toEqual([]);
  await env.close();
});

const random = (bytes: number) => new Uint8Array(bytes).fill(7);
const app = (templatesBucket: string | null = null) =>
  new Hono({ strict: false }).route(
    "/",
    setupRoutes({ clouds: [aws({ ...env.dependencies, templatesBucket })], config: { origin }, random }),
  );
interface ConnectResponse {
  visitor: string;
  subject: string;
  role: string;
  stack: string;
  ways: { way: "oidc" | "role"; template: string; command: string; console: string | null }[];
}
const json = { accept: "application/json" };
const readConnectPage = async () =>
  (await (await app().request("/connect/aws", { headers: json })).json()) as ConnectResponse;

test("a browser gets one visitor key, in a cookie that scripts cannot read", async () => {
  const first = await app().request("/connect/aws");
  const cookie = first.headers.get("set-cookie") ?? "";
  expect(cookie).toMatch(/^slipway_visitor=[a-z2-7]{26}; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(first.headers.get("cache-control")).toBe("no-store");
  const [pair = ""] = cookie.split(";");
  const again = await app().request("/connect/aws", { headers: { cookie: pair } });
  expect(again.headers.get("set-cookie")).toBeNull();
  expect(await again.text()).toBe(await first.text());
  const forged = await app().request("/connect/aws", { headers: { cookie: "slipway_visitor=me" } });
  expect(forged.headers.get("set-cookie")).toContain("slipway_visitor=");
});

test("the page is well formed and shows neither the key nor our secrets", async () => {
  const { visitor } = await readConnectPage();
  const page = await (await app("some-bucket").request("/connect/aws")).text();
  expect(findMarkupError(page, "html")).toBeNull();
  expect(page).not.toContain(visitor);
  expect(page).toContain("external ID");
  expect(page).toContain("OpenID Connect");
});

test("the template of either trust method, run as the page says, grants access that an API client deploys with", async () => {
  for (const way of ["oidc", "role"] as const) {
    await env.close();
    env = await createTestAws({ operator: true });
    const { visitor, subject, stack, ways } = await readConnectPage();
    const { template = "" } = ways.find((candidate) => candidate.way === way) ?? {};
    const response = await app().request(template.slice(origin.length));
    expect(response.headers.get("content-disposition")).toBe('attachment; filename="lend-to-slipway.json"');
    const document = (await response.json()) as object;
    if (way === "role") expect(JSON.stringify(document)).toContain(operatorAccount);
    const stackCreated = await env.createStack(stack, document, { Visitor: subject });
    expect(stackCreated?.StackStatus).toBe("CREATE_COMPLETE");
    const [output] = stackCreated?.Outputs ?? [];
    const access = env.parseAccess({ account: visitorAccount, way }, visitor);
    expect(access.roleArn).toBe(output?.OutputValue);
    expect(await env.cloud.preflight((await import("../../fakes/aws/stack.ts")).awsPlan(), access)).toEqual([]);
  }
});

test("with the operator's bucket, the console opens with every field filled in", async () => {
  const operatorAws = env.aws.accounts.get(operatorAccount);
  operatorAws?.buckets.set("our-templates", { name: "our-templates", region: "us-east-1", versions: [] });
  const response = await app("our-templates").request("/connect/aws/console?way=oidc");
  expect(response.status).toBe(303);
  const link = new URL(response.headers.get("location") ?? "");
  expect(link.host).toBe("us-east-1.console.aws.amazon.com");
  const query = new URLSearchParams(link.hash.slice(link.hash.indexOf("?")));
  expect(query.get("stackName")).toBe("lend-to-slipway");
  expect(query.get("param_Visitor")).toMatch(/^[a-z2-7]{24}$/);
  const [, key = ""] =
    query.get("templateURL")?.match(/^https:\/\/our-templates\.s3\.us-east-1\.amazonaws\.com\/(.+)$/) ?? [];
  const [object] = operatorAws?.buckets.get("our-templates")?.versions ?? [];
  expect(object?.key).toBe(key);
  expect(JSON.parse(new TextDecoder().decode(object?.body ?? undefined))).toHaveProperty("Resources.Role");
});

test("without a bucket there is no link, and a deleted bucket gives a message", async () => {
  expect((await readConnectPage()).ways.map(({ console }) => console)).toEqual([null, null]);
  expect((await app().request("/connect/aws/console")).status).toBe(404);
  const missing = await app("nobody-has-it").request("/connect/aws/console", { headers: json });
  expect(missing.status).toBe(502);
  expect(await missing.text()).toContain("AWS says");
  expect((await app().request("/connect/aws/template?way=keys")).status).toBe(404);
});

describe("the commands", () => {
  /** Runs a command with programs that only record their arguments. */
  function run(command: string) {
    const folder = mkdtempSync(join(tmpdir(), "slipway-shell-"));
    for (const name of ["curl", "aws"])
      writeFileSync(
        join(folder, name),
        `#!/bin/sh\nprintf '%s\\n' ${name} "$@" >&2; [ "$2" = get-caller-identity ] && echo 111122223333; exit 0\n`,
        { mode: 0o755 },
      );
    try {
      return execFileSync("/bin/sh", ["-c", `(${command}) 2>&1`], {
        env: { PATH: `${folder}:/usr/bin:/bin` },
        cwd: folder,
      })
        .toString()
        .trim()
        .split("\n");
    } finally {
      rmSync(folder, { recursive: true, maxRetries: 5 });
    }
  }

  test("to create the role are two programs with plain arguments", async () => {
    const { subject, ways } = await readConnectPage();
    expect(run(ways[0]?.command ?? "")).toEqual([
      ...["curl", "-fsS", `${origin}/connect/aws/template?way=oidc`, "-o", "lend.json"],
      ...["aws", "cloudformation", "deploy", "--stack-name", "lend-to-slipway", "--template-file", "lend.json"],
      ...["--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides", `Visitor=${subject}`],
    ]);
  });

  test("to deploy without us leave the answers to fill in, and pass nothing of a hostile address to the shell", () => {
    const hello = anApp({ variables: [aVariable({ name: "GREETING" })] });
    const template = compile(hello, { region: "eu-west-1", preset: "economy" }).stack as unknown as Template;
    const path = "/github.com/o/r/aws/stack?path=';touch owned;'$(touch owned)`touch owned`";
    const calls = run(deployStackCommand({ origin, path, name: "slipway-an-app", region: "eu-west-1", template }));
    expect(calls.slice(0, 5)).toEqual(["curl", "-fsS", `${origin}${path}`, "-o", "stack.json"]);
    expect(calls).toContain("slipway-an-app");
    expect(calls).toContain("CAPABILITY_IAM");
    const open = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined);
    for (const [key] of open) expect(calls).toContain(`${key}=...`);
  });

  test("a template too long for a request goes through the visitor's own bucket", () => {
    const template = compile(anApp(), { region: "eu-west-1", preset: "economy" }).stack as unknown as Template;
    const longTemplate = { ...template, Description: "x".repeat(60_000) };
    const calls = run(
      deployStackCommand({ origin, path: "/x", name: "slipway-an-app", region: "eu-west-1", template: longTemplate }),
    );
    expect(calls).toContain("s3://slipway-templates-111122223333-eu-west-1");
    expect(calls.slice(-2)[0]).toBe("--s3-bucket");
  });
});

test("loads the SDK on first use, not at start", () => {
  const folder = join(import.meta.dirname, "../../../src/clouds/aws");
  const eagerImports = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && /^import (?!type)[^;]*"@aws-sdk/m.test(readFileSync(join(folder, file), "utf8")),
  );
  expect(eagerImports).toEqual([]);
});

needs("cfn-lint")(
  "what lends the role passes cfn-lint without a warning",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "slipway-lint-"));
    for (const way of ["oidc", "role"]) {
      const text = await (await app().request(`/connect/aws/template?way=${way}`)).text();
      writeFileSync(join(folder, `${way}.json`), text);
    }
    execFileSync(programOf("cfn-lint") ?? "", [join(folder, "oidc.json"), join(folder, "role.json")], {
      stdio: "pipe",
    });
    rmSync(folder, { recursive: true, maxRetries: 5 });
  },
  60_000,
);

describe("an app without connecting an account", () => {
  const source = { ...anApp().source, host: "github.com" as const };
  const inspect = async () => ({
    ok: true as const,
    snapshot: { commit: "c".repeat(40) },
    reading: { app: anApp({ source }), problems: [], remarks: [] },
    settings: {},
  });
  const regions = [
    { id: "us-east-1", name: "" },
    { id: "eu-west-1", name: "" },
  ];
  const stacks = (bucket: string | null) =>
    configureRoutes({
      clouds: [{ ...aws({ ...env.dependencies, templatesBucket: bucket }), regions, compile }],
      config: { origin },
      inspect: inspect,
      random,
    } as never);

  test("has a command", async () => {
    const response = await stacks(null).request("/github.com/o/r/aws/command?region=eu-west-1&path=a%20b");
    const text = await response.text();
    expect(text).toContain(`${origin}/github.com/o/r/aws/stack?path=a+b&region=eu-west-1&preset=economy`);
    expect(text).toMatch(/--stack-name slipway-an-app-[a-z0-9]{8} /);
  });

  test("is handed out nowhere if the cloud cannot run it", async () => {
    const hostile = anApp({ source, services: [aService({ command: "run {{resolve:secretsmanager:prod/db}}" })] });
    const hostileRoutes = configureRoutes({
      clouds: [{ ...aws({ ...env.dependencies, templatesBucket: "bucket" }), regions, compile }],
      config: { origin },
      inspect: async () => ({ ...(await inspect()), reading: { app: hostile, problems: [], remarks: [] } }),
      random,
    } as never);
    for (const door of ["stack", "command", "console"]) {
      const response = await hostileRoutes.request(`/github.com/o/r/aws/${door}`);
      expect(response.status, door).toBe(422);
      expect(await response.json()).toMatchObject({ problems: [{ message: expect.stringContaining("{{resolve:") }] });
    }
  });

  test("has a stack name of its own, even beside an app of the same name", () => {
    const nameOf = (owner: string, path = "") => manualStackName(anApp({ source: { ...source, owner, path } }));
    expect(new Set([nameOf("a"), nameOf("b"), nameOf("a", "web")]).size).toBe(3);
    expect(nameOf("a")).toMatch(/^slipway-an-app-[a-z0-9]{8}$/);
    expect(nameOf("A")).toBe(nameOf("a"));
  });

  test("has a link to the console if the operator has a bucket", async () => {
    expect((await stacks(null).request("/github.com/o/r/aws/console")).status).toBe(404);
    const operatorAws = env.aws.accounts.get(operatorAccount);
    operatorAws?.buckets.set("our-templates", { name: "our-templates", region: "us-east-1", versions: [] });
    const response = await stacks("our-templates").request("/github.com/o/r/aws/console?region=eu-west-1");
    const link = response.headers.get("location") ?? "";
    expect(link).toMatch(
      /^https:\/\/eu-west-1\.console\.aws\.amazon\.com\/cloudformation\/home\?region=eu-west-1#\/stacks\/create\/review\?templateURL=https%3A%2F%2Four-templates\.s3\./,
    );
    expect(operatorAws?.buckets.get("our-templates")?.versions).toHaveLength(1);
  });
});

describe("over HTTP", () => {
  const repos = {
    hello: { "app.json": JSON.stringify({ name: "Hello" }), Procfile: "web: node server.js", "package.json": "{}" },
  };
  const order = (access: object) => ({ repo: "local/apps/hello", cloud: "aws", region: "us-east-1", access });

  test("an API client with a visitor's key can deploy", async () => {
    const { postJson, getJson, story, bugs } = createTestApp({ repos, cloud: env.cloud });
    const { visitor, subject, stack } = await readConnectPage();
    const template = await (await app().request("/connect/aws/template?way=oidc")).json();
    await env.createStack(stack, template as object, { Visitor: subject });
    const response = await postJson("/deployments", order({ account: visitorAccount, visitor }));
    expect(response.status).toBe(201);
    const { id } = (await response.json()) as { id: string };
    await collectStream(story, id);
    expect(bugs).toEqual([]);
    const jsonTwin = await (await getJson(`/deployments/${id}`)).text();
    expect(JSON.parse(jsonTwin)).toMatchObject({ state: "succeeded", error: null });
    expect(jsonTwin).not.toContain(subject);
    expect(jsonTwin).not.toContain(visitor);
  });

  test("a missing role is a problem in the response, and nothing is created", async () => {
    const { postJson } = createTestApp({ repos, cloud: env.cloud });
    const { visitor } = await readConnectPage();
    const response = await postJson("/deployments", order({ account: visitorAccount, visitor }));
    expect(response.status).toBe(422);
    const { problems } = (await response.json()) as { problems: { path: string; message: string; fix: string }[] };
    expect(problems).toMatchObject([{ path: "access.account", fix: expect.stringContaining("/connect/aws") }]);
    expect(env.aws.calls).not.toContain("CreateStack");
  });

  test("an invalid account ID and an unknown visitor are problems in the response", async () => {
    const { postJson } = createTestApp({ repos, cloud: env.cloud });
    for (const access of [{ account: "12", visitor: "abcdefghijklmnopqrstuvwxyz" }, { account: visitorAccount }]) {
      const response = await postJson("/deployments", order(access));
      expect(response.status).toBe(422);
      expect(await response.text()).toContain('"path":"access.account"');
    }
    expect(env.aws.calls).toEqual([]);
  });
});
