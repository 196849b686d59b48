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
const one = createTestApp({ repos: { hello } });
const { get, getJson, post, postForm, postJson, story, db, counter } = one;
afterAll(counter.stop);

const browser = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };
const order = {
  repo: "local/apps/hello",
  cloud: "script",
  region: "here",
  preset: "economy",
  "env[GREETING]": "hi",
  "env[ADMIN_PASSWORD]": "correct horse",
};

test("every page refuses scripts, frames and forms that are not its own", async () => {
  const headers = (await get("/")).headers;
  expect(headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});

test("the form starts a deployment and leads to its page", async () => {
  const answer = await postForm("/deployments", { ...order, request: "first" });
  expect(answer.status).toBe(303);
  const to = answer.headers.get("location") ?? "";
  expect(to).toMatch(/^\/deployments\/\w+$/);
  await collectStream(story, to.slice("/deployments/".length));
  expect(await (await get(to)).text()).toContain("http://127.0.0.1:4000/");
});

test("a double submit is one deployment", async () => {
  const before = statsOf(db, order.repo, allTime).totals.start;
  const [a, b] = await Promise.all([1, 2].map(() => postForm("/deployments", { ...order, request: "double" })));
  expect(a?.headers.get("location")).toBe(b?.headers.get("location"));
  expect(statsOf(db, order.repo, allTime).totals.start).toBe(before + 1);
});

test("what is wrong with the answers is said beside them, and they are kept, secrets aside", async () => {
  const answer = await postForm("/deployments", {
    ...order,
    "env[GREETING]": "",
    "env[ADMIN_PASSWORD]": "hunter2hunter2",
  });
  expect(answer.status).toBe(422);
  const page = await answer.text();
  expect(page).toContain("GREETING");
  expect(page).not.toContain("hunter2hunter2");
  const kept = await postForm("/deployments", { ...order, "env[GREETING]": "kept <b>", "env[ADMIN_PASSWORD]": "" });
  expect(await kept.text()).toContain("kept &lt;b&gt;");
});

test("forged fields are refused: unknown variables, clouds, regions and commits", async () => {
  for (const [forged, said] of [
    [{ "env[LD_PRELOAD]": "/tmp/x.so" }, "LD_PRELOAD"],
    [{ "env[__proto__]": "x" }, "__proto__"],
    [{ cloud: "elsewhere" }, "There is no cloud called elsewhere"],
    [{ region: "mars" }, "no region of Script called mars"],
    [{ preset: "enormous" }, "no preset called enormous"],
    [{ commit: "f".repeat(40) }, "has changed since"],
    [{ repo: "local/apps/../../etc" }, ""],
    [{ repo: "" }, ""],
  ] as const) {
    const answer = await postForm("/deployments", { ...order, ...forged });
    expect([JSON.stringify(forged), answer.status]).toEqual([JSON.stringify(forged), 422]);
    expect(await answer.text()).toContain(said);
  }
});

test("a request from another site changes nothing", async () => {
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:9999" },
    { origin: `${origin}.evil.example` },
  ])
    expect((await postForm("/deployments", order, headers)).status).toBe(403);
  const silent = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" };
  expect((await post("/deployments", new URLSearchParams(order).toString(), silent)).status).toBe(403);
  expect((await postForm("/deployments/x/removal", {}, { origin: "https://evil.example" })).status).toBe(403);
});

test("bodies that are too long, of another type, or no JSON get a sentence", async () => {
  const long = await postForm("/deployments", { ...order, "env[GREETING]": "x".repeat(600_000) });
  expect(long.status).toBe(413);
  const typed = await post("/deployments", "<a/>", { "content-type": "text/xml", origin });
  expect(typed.status).toBe(422);
  expect(await typed.text()).toContain("text/xml");
  for (const body of [
    "{",
    "[]",
    "null",
    '"x"',
    '{"repo":1}',
    '{"repo":"a/b","cloud":"script","env":[]}',
    '{"repo":"a/b","cloud":"c","more":1}',
  ]) {
    const answer = await post("/deployments", body, { "content-type": "application/json" });
    expect([body, answer.status]).toEqual([body, 422]);
    expect(Problems.parse(await answer.json()).problems.length).toBeGreaterThan(0);
  }
});

test("absurd refs and paths are a sentence, not an exception", async () => {
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
      const answer = await getJson(`/local/apps/hello?${new URLSearchParams({ [name]: value })}`);
      expect([400, 404, 200]).toContain(answer.status);
      if (answer.status !== 200) expect(Problems.parse(await answer.json()).problems[0]?.message).toMatch(/\w+ .*\.$/s);
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
  expect(one.bugs).toEqual([]);
});

test("a badge is an image whatever happens", async () => {
  const broken: typeof import("../../src/repositories/inspect.ts").createInspector = () =>
    (async () => {
      throw new Error("our bug");
    }) as Inspect;
  const bad = createTestApp({ lookAt: broken });
  for (const [at, path] of [
    [one, "/local/apps/hello/badge.svg"],
    [one, "/local/apps/nothing/badge.svg"],
    [one, "/local/apps/hello/badge.svg?path=../.."],
    [one, "/local/apps/%ff/badge.svg"],
    [one, "/nowhere/at/all/badge.svg?style=%00&label=%3Cscript%3E"],
    [one, "/github.com/a/b/badge.svg"],
    [bad, "/local/apps/hello/badge.svg"],
  ] as const) {
    const answer = await at.get(path);
    expect([path, answer.status]).toEqual([path, 200]);
    expect(answer.headers.get("content-type")).toBe("image/svg+xml");
    expect(answer.headers.get("cache-control")).toMatch(/max-age=\d+/);
    expect(answer.headers.get("etag")).toMatch(/^"/);
    expect(await answer.text()).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
  }
  bad.counter.stop();
});

test("our own bug is hidden from the visitor and told to the operator", async () => {
  const broken = createTestApp({
    lookAt: () => async () => {
      throw new Error("secret details");
    },
  });
  const answer = await broken.get("/local/apps/hello");
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("secret details");
  expect(broken.bugs).toHaveLength(1);
  broken.counter.stop();
});

test("an address in the link fills in what is not secret", async () => {
  const page = await (await get("/local/apps/hello/script?env[GREETING]=servus&env[ADMIN_PASSWORD]=leaked")).text();
  expect(page).toContain("servus");
  expect(page).not.toContain('value="leaked"');
});

test("visits and starts are counted by day and cloud, without cookies or addresses", async () => {
  await postForm("/deployments", { ...order, request: "counted" });
  const answer = await get("/local/apps/hello", browser);
  expect(answer.headers.get("set-cookie")).toBeNull();
  await get("/local/apps/hello/badge.svg", { "user-agent": "github-camo (876de43e)" });
  counter.flush();
  const { totals } = statsOf(db, order.repo, allTime);
  expect(totals).toMatchObject({ visit: 1, badge: 1, proxy: 1 });
  expect(await (await get("/local/apps/hello/stats")).text()).toContain("Script");
  const csv = await (await get("/local/apps/hello/stats.csv")).text();
  expect(csv).toMatch(
    /^day,badge,visit,start,success,failure,removal,proxy,ignoredBadge,ignoredVisit\r\n\d{4}-\d\d-\d\d,\d+,\d+,\d+,/,
  );
  expect(await (await get("/local/apps/hello/stats.json")).json()).toMatchObject({ repo: "local/apps/hello" });
  expect((await get("/github.com/a/b/stats")).status).toBe(403);
  for (const table of ["clouds", "regions", "versions", "sites", "failures", "times", "nonsense", "constructor"])
    expect((await get(`/local/apps/hello/stats.csv?table=${table}`)).status).toBe(200);
});

test("addresses pasted behind our origin end on the right page", async () => {
  for (const [from, to] of [
    ["/https://github.com/o/r", "/github.com/o/r"],
    ["/https:/github.com/o/r", "/github.com/o/r"],
    ["/github.com/o/r.git", "/github.com/o/r"],
    ["/git@github.com:o/r.git", "/github.com/o/r"],
    ["/github.com/o/r/tree/50%25-off", "/github.com/o/r?ref=50%25-off"],
    ["/?repo=https://github.com/o/r", "/github.com/o/r"],
    ["/?repo=local/apps/hello", "/local/apps/hello"],
  ] as const)
    expect([from, (await get(from)).headers.get("location")]).toEqual([from, to]);
  const wrong = await get("/?repo=https://gitlab.com/o/r");
  expect(wrong.status).toBe(422);
});

test("what is not there is said kindly", async () => {
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

test("a deployment can only be tried again when it failed", async () => {
  const answer = await postForm("/deployments", { ...order, request: "retry" });
  const at = answer.headers.get("location") ?? "";
  await collectStream(story, at.slice("/deployments/".length));
  expect((await postForm(`${at}/retry`, {})).status).toBe(409);
});

test("the confirmation asks before anything is taken away", async () => {
  const answer = await postJson("/deployments", {
    repo: order.repo,
    cloud: "script",
    env: { GREETING: "hi", ADMIN_PASSWORD: "x".repeat(12) },
  });
  const { id } = Started.parse(await answer.json());
  await collectStream(story, id);
  const page = await (await get(`/deployments/${id}/removal`)).text();
  expect(page).toContain(`action="/deployments/${id}/removal"`);
  expect(story.find(id)?.state).toBe("succeeded");
});

describe("a cloud that is lent access", () => {
  const seen: unknown[] = [];
  const lent = { ...createScriptedCloud(done, gone, "token"), id: "lender", name: "Lender" };
  const lender = createTestApp({
    repos: { hello: { Procfile: "web: x", "package.json": "{}" } },
    cloud: {
      ...lent,
      compile: (app, choice) => ({ ...lent.compile(app, choice), cloud: "lender" }),
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
  afterAll(lender.counter.stop);
  async function* done(run: Run): AsyncIterable<DeploymentEvent> {
    seen.push(run.access);
    yield { type: "step", name: "web", state: "running" };
    yield { type: "step", name: "web", state: "done" };
    yield { type: "state", state: "succeeded", url: null };
  }
  async function* gone(run: Run): AsyncIterable<DeploymentEvent> {
    seen.push(run.access);
    yield* removed(run);
  }

  test("is lent it again for a removal, as what was lent is wiped when all went well", async () => {
    const order = { repo: "local/apps/hello", cloud: "lender" };
    const access = { "access[token]": "let-me-in", "access[project]": "p" };
    const { headers } = await lender.postForm("/deployments", { ...order, ...access });
    const at = headers.get("location") ?? "";
    const id = at.slice("/deployments/".length);
    await collectStream(lender.story, id);
    expect(lender.story.find(id)).toMatchObject({ state: "succeeded", sealed: null });

    expect(await (await lender.get(`${at}/removal`)).text()).toContain('name="access[token]"');
    const wrong = await lender.postForm(`${at}/removal`, { "access[token]": "gu<ess", "access[project]": "p<x" });
    expect(wrong.status).toBe(422);
    const page = await wrong.text();
    expect(page).toContain("This token opens nothing.");
    expect(page).toContain('value="p&lt;x"');
    expect(page).not.toContain("gu&lt;ess");
    for (const body of [{}, { access: [] }, { access: { token: { $ne: "" } } }, "x", null]) {
      const twin = await lender.postJson(`${at}/removal`, body);
      expect(twin.status).toBe(422);
      expect(Problems.parse(await twin.json()).problems[0]?.message).toBe("This token opens nothing.");
    }
    expect(lender.story.find(id)?.state).toBe("succeeded");

    expect((await lender.postForm(`${at}/removal`, access)).status).toBe(303);
    await expect.poll(() => lender.story.find(id)?.state).toBe("removed");
    expect(seen).toEqual([
      { token: "let-me-in", project: "p" },
      { token: "let-me-in", project: "p" },
    ]);
    expect(lender.story.find(id)?.sealed).toBe(null);
  });

  test("tells two visitors apart who order the same with the same request", async () => {
    const order = { repo: "local/apps/hello", cloud: "lender", request: "1" };
    const [mine, yours, mineAgain] = await Promise.all(
      ["mine", "yours", "mine"].map((project) =>
        lender.postForm("/deployments", { ...order, "access[token]": "let-me-in", "access[project]": project }),
      ),
    );
    const at = (answer: Response | undefined) => answer?.headers.get("location");
    expect(at(mine)).toMatch(/^\/deployments\//);
    expect(at(mineAgain)).toBe(at(mine));
    expect(at(yours)).not.toBe(at(mine));
  });
});
