import SwaggerParser from "@apidevtools/swagger-parser";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { AppTwin, CloudTwin, Problems, Started } from "../../routes/openapi/schemas.ts";
import { Deployment, Reading } from "../../src/plan.ts";
import { collectStream } from "../harness/scripted-cloud.ts";
import { createTestApp } from "../harness/test-app.ts";

const hello = {
  "app.json": JSON.stringify({
    name: "Hello",
    env: { GREETING: { description: "What to say" }, SECRET_KEY: { generator: "secret" } },
  }),
  "package.json": '{"scripts":{"start":"node server.js"}}',
  "server.js": "",
};
const Parameter = z.object({ name: z.string(), in: z.string() });
const { get, getJson, postJson, story, counter } = createTestApp({
  repos: { hello, broken: { "app.json": '{"name": 1 2}' } },
});
afterAll(counter.stop);

const json = async (answer: Response | Promise<Response>) => (await answer).json();

test("the app's page has a twin of the promised shape", async () => {
  const twin = AppTwin.parse(await json(getJson("/local/apps/hello")));
  expect(twin.app.name).toBe("Hello");
  expect(twin.clouds).toMatchObject([
    { id: "script", monthly: 0, url: "http://localhost:8080/local/apps/hello/script" },
  ]);
});

test("the manifest's twin is 200 when deployable, 422 when not, 404 when there is none", async () => {
  const good = await getJson("/local/apps/hello/manifest");
  expect(good.status).toBe(200);
  expect(Reading.parse(await good.json()).app?.read).toContain("app.json");
  const bad = await getJson("/local/apps/broken/manifest");
  expect(bad.status).toBe(422);
  const { app, problems } = Reading.parse(await bad.json());
  expect(app).toBeNull();
  expect(problems[0]).toMatchObject({ file: "app.json", line: 1 });
  const none = await getJson("/local/apps/nothing/manifest");
  expect(none.status).toBe(404);
  expect(Problems.parse(await none.json()).problems).toHaveLength(1);
});

test("the configure page's twin has the plan with a price on every line", async () => {
  const twin = CloudTwin.parse(await json(getJson("/local/apps/hello/script?preset=standard")));
  expect(twin.plan.cloud).toBe("script");
});

test("a program starts a deployment with JSON, follows it and takes it away", async () => {
  const order = { repo: "local/apps/hello", cloud: "script", env: { GREETING: "hi" } };
  const started = await postJson("/deployments", order);
  expect(started.status).toBe(201);
  const { id, url } = Started.parse(await started.json());
  expect(url).toBe(`http://localhost:8080/deployments/${id}`);
  await collectStream(story, id);
  const twin = Deployment.parse(await json(getJson(`/deployments/${id}`)));
  expect(twin).toMatchObject({ state: "succeeded", url: "http://127.0.0.1:4000/", repo: "local/apps/hello" });
  const stream = await get(`/deployments/${id}/events`);
  expect(stream.headers.get("content-type")).toBe("text/event-stream");
  const text = await stream.text();
  expect(text).toMatch(/event: state\ndata: \{"state":"succeeded"/);
  const last = text.match(/id: (\d+)\n(?![\s\S]*id:)/)?.[1] ?? "";
  expect((await get(`/deployments/${id}/events`, { "last-event-id": last })).status).toBe(204);
  const removal = await postJson(`/deployments/${id}/removal`, {});
  expect(removal.status).toBe(202);
  await collectStream(story, id);
  expect(Deployment.parse(await json(getJson(`/deployments/${id}`))).state).toBe("removed");
});

test("/openapi.json describes every twin, and nothing it names is missing", async () => {
  const raw = await json(get("/openapi.json"));
  await SwaggerParser.validate(structuredClone(raw) as Parameters<typeof SwaggerParser.validate>[0]);
  const document = z
    .object({
      openapi: z.string(),
      components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
      paths: z.record(z.string(), z.record(z.string(), z.object({ parameters: z.array(Parameter).optional() }))),
    })
    .parse(raw);
  expect(document.openapi).toBe("3.1.0");
  const text = JSON.stringify(raw);
  const named = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(named.filter((name) => !(name && name in document.components.schemas))).toEqual([]);
  expect(named.length).toBeGreaterThan(20);
  for (const [path, item] of Object.entries<Record<string, { parameters?: { name: string; in: string }[] }>>(
    document.paths,
  ))
    for (const operation of Object.values(item)) {
      const asked = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const told = operation.parameters?.filter((one) => one.in === "path").map(({ name }) => name) ?? [];
      expect(told).toEqual(asked);
    }
});
