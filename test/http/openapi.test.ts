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

const json = async (response: Response | Promise<Response>) => (await response).json();

test("the JSON of the app page matches its schema", async () => {
  const body = AppTwin.parse(await json(getJson("/local/apps/hello")));
  expect(body.app.name).toBe("Hello");
  expect(body.clouds).toMatchObject([
    { id: "script", monthly: 0, url: "http://localhost:8080/local/apps/hello/script" },
  ]);
});

test("the JSON of the manifest is 200 if deployable, 422 if not, 404 if missing", async () => {
  const deployable = await getJson("/local/apps/hello/manifest");
  expect(deployable.status).toBe(200);
  expect(Reading.parse(await deployable.json()).app?.read).toContain("app.json");
  const broken = await getJson("/local/apps/broken/manifest");
  expect(broken.status).toBe(422);
  const { app, problems } = Reading.parse(await broken.json());
  expect(app).toBeNull();
  expect(problems[0]).toMatchObject({ file: "app.json", line: 1 });
  const missing = await getJson("/local/apps/nothing/manifest");
  expect(missing.status).toBe(404);
  expect(Problems.parse(await missing.json()).problems).toHaveLength(1);
});

test("the JSON of the configure page has a plan with a price on every line", async () => {
  const body = CloudTwin.parse(await json(getJson("/local/apps/hello/script?preset=standard")));
  expect(body.plan.cloud).toBe("script");
});

test("a client starts, follows and removes a deployment with JSON", async () => {
  const orderBody = { repo: "local/apps/hello", cloud: "script", env: { GREETING: "hi" } };
  const started = await postJson("/deployments", orderBody);
  expect(started.status).toBe(201);
  const { id, url } = Started.parse(await started.json());
  expect(url).toBe(`http://localhost:8080/deployments/${id}`);
  await collectStream(story, id);
  const body = Deployment.parse(await json(getJson(`/deployments/${id}`)));
  expect(body).toMatchObject({ state: "succeeded", url: "http://127.0.0.1:4000/", repo: "local/apps/hello" });
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

test("/openapi.json is valid and defines everything it refers to", async () => {
  const specification = await json(get("/openapi.json"));
  await SwaggerParser.validate(structuredClone(specification) as Parameters<typeof SwaggerParser.validate>[0]);
  const document = z
    .object({
      openapi: z.string(),
      components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
      paths: z.record(z.string(), z.record(z.string(), z.object({ parameters: z.array(Parameter).optional() }))),
    })
    .parse(specification);
  expect(document.openapi).toBe("3.1.0");
  const text = JSON.stringify(specification);
  const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
  expect(references.filter((name) => !(name && name in document.components.schemas))).toEqual([]);
  expect(references.length).toBeGreaterThan(20);
  for (const [path, item] of Object.entries<Record<string, { parameters?: { name: string; in: string }[] }>>(
    document.paths,
  ))
    for (const operation of Object.values(item)) {
      const pathParameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared =
        operation.parameters?.filter((parameter) => parameter.in === "path").map(({ name }) => name) ?? [];
      expect(declared).toEqual(pathParameters);
    }
});
