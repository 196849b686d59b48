import { afterAll, describe, expect, test } from "vitest";
import { Problems, Started } from "../../routes/openapi/schemas.ts";
import type { DeploymentEvent, Run } from "../../src/clouds/cloud.ts";
import { statsOf } from "../../src/data/store/stats.ts";
import type { Inspect } from "../../src/repositories/inspect.ts";
import { note } from "../../src/result.ts";
import { allTime, collectStream, createScriptedCloud, removed } from "../harness/scripted-cloud.ts";
import { createTestApp, origin } from "../harness/test-app.ts";

const hello = {
  "app.json": JSON.stringify({
    name: "Hello",
    env: {
      GREETING: { description: "What to say" },
      ADMIN_PASSWORD: { description: "Keep it to yourself" },
      SECRET_KEY: { generator: "secret" },
    },
  }),
  "package.json": '{"scripts":{"start":"node server.js"}}',
  "server.js": "",
};
const testApp = createTestApp({ repos: { hello } });
const { get, getJson, post, postForm, postJson, story, db, counter } = testApp;
afterAll(counter.stop);

const browser = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };
const orderFields = {
  repo: "local/apps/hello",
  cloud: "script",
  region: "here",
  preset: "economy",
  "env[GREETING]": "hi",
  "env[ADMIN_PASSWORD]": "correct horse",
};

test("every page has a strict content security policy", async () => {
  const headers = (await get("/")).headers;
  expect(headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

test("the form starts a deployment and redirects to its page", async () => {
  const response = await postForm("/deployments", { ...orderFields, request: "first" });
  expect(response.status).toBe(303);
  const location = response.headers.get("location") ?? "";
  expect(location).toMatch(/^\/deployments\/\w+$/);
  await collectStream(story, location.slice("/deployments/".length));
  expect(await (await get(location)).text()).toContain("http://127.0.0.1:4000/");
});

test("a double submit starts one deployment", async () => {
  const before = statsOf(db, orderFields.repo, allTime).totals.start;
  const [a, b] = await Promise.all([1, 2].map(() => postForm("/deployments", { ...orderFields, request: "double" })));
  expect(a?.headers.get("location")).toBe(b?.headers.get("location"));
  expect(statsOf(db, orderFields.repo, allTime).totals.start).toBe(before + 1);
});

test("a form with errors keeps the answers except secrets", async () => {
  const response = await postForm("/deployments", {
    ...orderFields,
    "env[GREETING]": "",
    "env[ADMIN_PASSWORD]": "hunter2hunter2",
  });
  expect(response.status).toBe(422);
  const page = await response.text();
  expect(page).toContain("GREETING");
  expect(page).not.toContain("hunter2hunter2");
  const withKept = await postForm("/deployments", {
    ...orderFields,
    "env[GREETING]": "kept <b>",
    "env[ADMIN_PASSWORD]": "",
  });
  expect(await withKept.text()).toContain("kept &lt;b&gt;");
});

test("forged fields are refused: unknown variables, clouds, regions and commits", async () => {
  for (const [forged, message] of [
    [{ "env[LD_PRELOAD]": "/tmp/x.so" }, "LD_PRELOAD"],
    [{ "env[__proto__]": "x" }, "__proto__"],
    [{ cloud: "elsewhere" }, "There is no cloud called elsewhere"],
    [{ region: "mars" }, "no region of Script called mars"],
    [{ preset: "enormous" }, "no preset called enormous"],
    [{ commit: "f".repeat(40) }, "has changed since"],
    [{ repo: "local/apps/../../etc" }, ""],
    [{ repo: "" }, ""],
  ] as const) {
    const response = await postForm("/deployments", { ...orderFields, ...forged });
    expect([JSON.stringify(forged), response.status]).toEqual([JSON.stringify(forged), 422]);
    expect(await response.text()).toContain(message);
  }
});

test("cross-site requests are refused", async () => {
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:9999" },
    { origin: `${origin}.evil.example` },
  ])
    expect((await postForm("/deployments", orderFields, headers)).status).toBe(403);
  const headersWithoutOrigin = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" };
  expect((await post("/deployments", new URLSearchParams(orderFields).toString(), headersWithoutOrigin)).status).toBe(
    403,
  );
  expect((await postForm("/deployments/x/removal", {}, { origin: "https://evil.example" })).status).toBe(403);
});

test("bodies that are too long, of another type or invalid JSON get a readable error", async () => {
  const longResponse = await postForm("/deployments", { ...orderFields, "env[GREETING]": "x".repeat(600_000) });
  expect(longResponse.status).toBe(413);
  const xmlResponse = await post("/deployments", "<a/>", { "content-type": "text/xml", origin });
  expect(xmlResponse.status).toBe(422);
  expect(await xmlResponse.text()).toContain("text/xml");
  for (const body of [
    "{",
    "[]",
    "null",
    '"x"',
    '{"repo":1}',
    '{"repo":"a/b","cloud":"script","env":[]}',
    '{"repo":"a/b","cloud":"c","more":1}',
  ]) {
    const response = await post("/deployments", body, { "content-type": "application/json" });
    expect([body, response.status]).toEqual([body, 422]);
    expect(Problems.parse(await response.json()).problems.length).toBeGreaterThan(0);
  }
});

test("invalid refs and paths get a readable error", async () => {
  const absurd = [
    "..",
    "../../etc",
    "a\0b",
    "x".repeat(10_000),
    "/",
    "-x",
    "a//b",
    "a\\b",
    "%00",
    "\u202e",
    "a b",
    ".",
  ];
  for (const name of ["ref", "path"])
    for (const value of absurd) {
      const response = await getJson(`/local/apps/hello?${new URLSearchParams({ [name]: value })}`);
      expect([400, 404, 200]).toContain(response.status);
      if (response.status !== 200)
        expect(Problems.parse(await response.json()).problems[0]?.message).toMatch(/\w+ .*\.$/s);
    }
  for (const path of [
    "/local/../hello",
    "/local/%2e%2e/hello",
    "/local/apps/%00",
    "/local/apps/..%2f..%2fetc",
    "/github.com/a/%ff",
    "/nowhere/a/b",
  ])
    expect([path, (await get(path)).status >= 400]).toEqual([path, true]);
  expect(testApp.bugs).toEqual([]);
});

test("a badge is an image whatever happens", async () => {
  const broken: typeof import("../../src/repositories/inspect.ts").createInspector = () =>
    (async () => {
      throw new Error("our bug");
    }) as Inspect;
  const brokenApp = createTestApp({ lookAt: broken });
  for (const [appUnderTest, path] of [
    [testApp, "/local/apps/hello/badge.svg"],
    [testApp, "/local/apps/nothing/badge.svg"],
    [testApp, "/local/apps/hello/badge.svg?path=../.."],
    [testApp, "/local/apps/%ff/badge.svg"],
    [testApp, "/nowhere/at/all/badge.svg?style=%00&label=%3Cscript%3E"],
    [testApp, "/github.com/a/b/badge.svg"],
    [brokenApp, "/local/apps/hello/badge.svg"],
  ] as const) {
    const response = await appUnderTest.get(path);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get("content-type")).toBe("image/svg+xml");
    expect(response.headers.get("cache-control")).toMatch(/max-age=\d+/);
    expect(response.headers.get("etag")).toMatch(/^"/);
    expect(await response.text()).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
  }
  brokenApp.counter.stop();
});

test("an internal error is hidden from the visitor and logged for the operator", async () => {
  const broken = createTestApp({
    lookAt: () => async () => {
      throw new Error("secret details");
    },
  });
  const response = await broken.get("/local/apps/hello");
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("secret details");
  expect(broken.bugs).toHaveLength(1);
  broken.counter.stop();
});

test("the URL prefills variables that are not secret", async () => {
  const page = await (await get("/local/apps/hello/script?env[GREETING]=servus&env[ADMIN_PASSWORD]=leaked")).text();
  expect(page).toContain("servus");
  expect(page).not.toContain('value="leaked"');
});

test("visits and starts are counted by day and cloud, without cookies or IP addresses", async () => {
  await postForm("/deployments", { ...orderFields, request: "counted" });
  const response = await get("/local/apps/hello", browser);
  expect(response.headers.get("set-cookie")).toBeNull();
  await get("/local/apps/hello/badge.svg", { "user-agent": "github-camo (876de43e)" });
  counter.flush();
  const { totals } = statsOf(db, orderFields.repo, allTime);
  expect(totals).toMatchObject({ visit: 1, badge: 1, proxy: 1 });
  expect(await (await get("/local/apps/hello/stats")).text()).toContain("Script");
  const csv = await (await get("/local/apps/hello/stats.csv")).text();
  expect(csv).toMatch(
    /^day,badge,visit,start,success,failure,removal,proxy,ignoredBadge,ignoredVisit\r\n\d{4}-\d\d-\d\d,\d+,\d+,\d+,/,
  );
  expect(await (await get("/local/apps/hello/stats.json")).json()).toMatchObject({ repo: "local/apps/hello" });
  expect((await get("/github.com/a/b/stats")).status).toBe(403);
  for (const table of ["clouds", "regions", "versions", "sites", "failures", "times", "nonsense", "constructor"]) {
    const response = await get(`/local/apps/hello/stats.csv?table=${table}`);
    expect(response.status).toBe(200);
    // An export whose body is not read stays open and counts towards the limit.
    await response.text();
  }
});

test("repository URLs pasted after our origin redirect to the right page", async () => {
  for (const [source, location] of [
    ["/https://github.com/o/r", "/github.com/o/r"],
    ["/https:/github.com/o/r", "/github.com/o/r"],
    ["/github.com/o/r.git", "/github.com/o/r"],
    ["/git@github.com:o/r.git", "/github.com/o/r"],
    ["/github.com/o/r/tree/50%25-off", "/github.com/o/r?ref=50%25-off"],
    ["/?repo=https://github.com/o/r", "/github.com/o/r"],
    ["/?repo=local/apps/hello", "/local/apps/hello"],
  ] as const)
    expect([source, (await get(source)).headers.get("location")]).toEqual([source, location]);
  const wrong = await get("/?repo=https://gitlab.com/o/r");
  expect(wrong.status).toBe(422);
});

test("unknown URLs get 404", async () => {
  for (const path of [
    "/nothing",
    "/deployments/none",
    "/local/apps/hello/nocloud",
    "/assets/../package.json",
    "/assets/nothing.js",
  ])
    expect([path, (await get(path)).status]).toEqual([path, 404]);
  expect((await getJson("/deployments/none")).headers.get("content-type")).toContain("json");
});

test("only a failed deployment can be retried", async () => {
  const response = await postForm("/deployments", { ...orderFields, request: "retry" });
  const deploymentPath = response.headers.get("location") ?? "";
  await collectStream(story, deploymentPath.slice("/deployments/".length));
  expect((await postForm(`${deploymentPath}/retry`, {})).status).toBe(409);
});

test("the removal page asks for confirmation", async () => {
  const response = await postJson("/deployments", {
    repo: orderFields.repo,
    cloud: "script",
    env: { GREETING: "hi", ADMIN_PASSWORD: "x".repeat(12) },
  });
  const { id } = Started.parse(await response.json());
  await collectStream(story, id);
  const page = await (await get(`/deployments/${id}/removal`)).text();
  expect(page).toContain(`action="/deployments/${id}/removal"`);
  expect(story.find(id)?.state).toBe("succeeded");
});

describe("a cloud with an access token", () => {
  const accesses: unknown[] = [];
  const tokenCloud = { ...createScriptedCloud(succeed, remove, "token"), id: "lender", name: "Lender" };
  const tokenApp = createTestApp({
    repos: { hello: { Procfile: "web: x", "package.json": "{}" } },
    cloud: {
      ...tokenCloud,
      compile: (app, choice) => ({ ...tokenCloud.compile(app, choice), cloud: "lender" }),
      connect: {
        kind: "token",
        summary: "A token, for some minutes.",
        fields: [
          { name: "token", label: "Token", help: "", type: "password" },
          { name: "project", label: "Project", help: "", type: "text" },
        ],
        parse: ({ token, project }) =>
          token === "let-me-in"
            ? { ok: true, value: { token, project: String(project) } }
            : { ok: false, problems: [note("This token opens nothing.", { path: "access.token" })] },
      },
    },
  });
  afterAll(tokenApp.counter.stop);
  async function* succeed(run: Run): AsyncIterable<DeploymentEvent> {
    accesses.push(run.access);
    yield { type: "step", name: "web", state: "running" };
    yield { type: "step", name: "web", state: "done" };
    yield { type: "state", state: "succeeded", url: null };
  }
  async function* remove(run: Run): AsyncIterable<DeploymentEvent> {
    accesses.push(run.access);
    yield* removed(run);
  }

  test("asks for access again before a removal, because it was wiped after success", async () => {
    const orderFields = { repo: "local/apps/hello", cloud: "lender" };
    const access = { "access[token]": "let-me-in", "access[project]": "p" };
    const { headers } = await tokenApp.postForm("/deployments", { ...orderFields, ...access });
    const deploymentPath = headers.get("location") ?? "";
    const id = deploymentPath.slice("/deployments/".length);
    await collectStream(tokenApp.story, id);
    expect(tokenApp.story.find(id)).toMatchObject({ state: "succeeded", sealed: null });

    expect(await (await tokenApp.get(`${deploymentPath}/removal`)).text()).toContain('name="access[token]"');
    const wrong = await tokenApp.postForm(`${deploymentPath}/removal`, {
      "access[token]": "gu<ess",
      "access[project]": "p<x",
    });
    expect(wrong.status).toBe(422);
    const page = await wrong.text();
    expect(page).toContain("This token opens nothing.");
    expect(page).toContain('value="p&lt;x"');
    expect(page).not.toContain("gu&lt;ess");
    for (const body of [{}, { access: [] }, { access: { token: { $ne: "" } } }, "x", null]) {
      const jsonResponse = await tokenApp.postJson(`${deploymentPath}/removal`, body);
      expect(jsonResponse.status).toBe(422);
      expect(Problems.parse(await jsonResponse.json()).problems[0]?.message).toBe("This token opens nothing.");
    }
    expect(tokenApp.story.find(id)?.state).toBe("succeeded");

    expect((await tokenApp.postForm(`${deploymentPath}/removal`, access)).status).toBe(303);
    await expect.poll(() => tokenApp.story.find(id)?.state).toBe("removed");
    expect(accesses).toEqual([
      { token: "let-me-in", project: "p" },
      { token: "let-me-in", project: "p" },
    ]);
    expect(tokenApp.story.find(id)?.sealed).toBe(null);
  });

  test("keeps two visitors apart who submit the same request", async () => {
    const orderFields = { repo: "local/apps/hello", cloud: "lender", request: "1" };
    const [firstOrder, otherOrder, repeatedOrder] = await Promise.all(
      ["mine", "yours", "mine"].map((project) =>
        tokenApp.postForm("/deployments", { ...orderFields, "access[token]": "let-me-in", "access[project]": project }),
      ),
    );
    const locationOf = (response: Response | undefined) => response?.headers.get("location");
    expect(locationOf(firstOrder)).toMatch(/^\/deployments\//);
    expect(locationOf(repeatedOrder)).toBe(locationOf(firstOrder));
    expect(locationOf(otherOrder)).not.toBe(locationOf(firstOrder));
  });
});
