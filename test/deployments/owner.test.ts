import { expect, test } from "vitest";
import { Started } from "../../routes/openapi/schemas.ts";
import { createScriptedCloud, createTestDeployments } from "../harness/scripted-cloud.ts";
import { createTestApp } from "../harness/test-app.ts";

// The address of a deployment lets anyone look. Changing it is for the browser or program that started it.

const origin = "https://slipway.example";
const options = {
  repos: { hello: { Procfile: "web: node server.js", "package.json": "{}" } },
  config: { origin, localCloud: false },
  cloud: createScriptedCloud(async function* () {
    yield { type: "step", name: "web", state: "running" };
    yield { type: "state", state: "failed", error: { message: "No.", next: "Again.", step: "web" } };
  }),
};
const order = { repo: "local/apps/hello", cloud: "script" };

function open() {
  const here = createTestApp(options);
  const send = (path: string, init: RequestInit = {}, headers: Record<string, string> = {}) =>
    here.app.request(origin + path, { ...init, headers: { ...headers, ...(init.headers as object) } });
  const form = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
    send(
      path,
      { method: "POST", body: new URLSearchParams(fields).toString() },
      {
        "content-type": "application/x-www-form-urlencoded",
        accept: "text/html",
        origin,
        ...headers,
      },
    );
  const json = (path: string, body: object, headers: Record<string, string> = {}) =>
    send(path, { method: "POST", body: JSON.stringify(body) }, { "content-type": "application/json", ...headers });
  const failed = (path: string) =>
    expect.poll(() => here.story.find(path.split("/").at(-1) ?? "")?.state).toBe("failed");
  return { ...here, send, form, json, failed };
}

test("the browser that started a deployment may retry and remove it, another one may only look", async () => {
  const { send, form, json, failed, story } = open();
  const started = await form("/deployments", order);
  const path = started.headers.get("location") ?? "";
  const setCookie = started.headers.get("set-cookie") ?? "";
  expect(setCookie).toMatch(/^__Host-slipway_deployments=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/i);
  const cookie = setCookie.split(";")[0] ?? "";
  await failed(path);

  expect((await send(path, {}, { accept: "text/html" })).status).toBe(200);
  for (const action of ["retry", "removal"]) {
    const refused = await form(`${path}/${action}`, {});
    expect([action, refused.status]).toEqual([action, 403]);
    expect(await refused.text()).toContain("started in another browser");
    expect((await json(`${path}/${action}`, {})).status).toBe(403);
  }
  expect(story.find(path.split("/").at(-1) ?? "")?.state).toBe("failed");

  expect((await form(`${path}/retry`, {}, { cookie })).status).toBe(303);
  await failed(path);
  expect((await form(`${path}/removal`, {}, { cookie })).status).toBe(303);
  expect(story.find(path.split("/").at(-1) ?? "")?.state).toMatch(/^remov/);
});

test("a browser may change each deployment it started, and no cookie of another deployment's helps", async () => {
  const { form, failed } = open();
  const first = await form("/deployments", order);
  const cookieOf = (response: Response) => (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const second = await form("/deployments", order, { cookie: cookieOf(first) });
  const [firstUrl = "", secondUrl = ""] = [first, second].map((response) => response.headers.get("location") ?? "");
  await failed(firstUrl);
  await failed(secondUrl);
  expect((await form(`${secondUrl}/removal`, {}, { cookie: cookieOf(first) })).status).toBe(403);
  for (const path of [firstUrl, secondUrl])
    expect((await form(`${path}/removal`, {}, { cookie: cookieOf(second) })).status).toBe(303);
});

test("a program gets a key at the start and sends it to change the deployment", async () => {
  const { json, failed } = open();
  const response = await json("/deployments", order);
  expect(response.headers.get("set-cookie")).toBeNull();
  const { id, key } = Started.parse(await response.json());
  await failed(id);
  const other = Started.parse(await (await json("/deployments", order)).json());
  for (const authorization of [`Bearer ${other.key}`, `Bearer ${id}`, "Bearer ", `Basic ${key}`])
    expect((await json(`/deployments/${id}/removal`, {}, { authorization })).status).toBe(403);
  expect((await json(`/deployments/${id}/removal`, {}, { authorization: `Bearer ${key}` })).status).toBe(202);
});

test("no other site learns the address of a deployment by a referrer", async () => {
  const { form, send } = open();
  const path = (await form("/deployments", order)).headers.get("location") ?? "";
  for (const page of [path, `${path}/removal`]) {
    const response = await send(page, {}, { accept: "text/html" });
    expect([page, response.headers.get("referrer-policy")]).toEqual([page, "same-origin"]);
    await response.body?.cancel();
  }
  expect((await send("/")).headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
});

test("no log line has the address of a deployment in it", async () => {
  const lines: string[] = [];
  const { story, order: request } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield { type: "step", name: "web", state: "running" };
      throw new Error("a bug of ours");
    }),
    log: (message) => lines.push(message),
  });
  const { id } = story.start({ ...request, request: "logged" });
  await expect.poll(() => lines).toHaveLength(1);
  expect(lines[0]).toContain("provision threw");
  expect(lines[0]).not.toContain(id);
});
