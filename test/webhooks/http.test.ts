import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Problems } from "../../routes/openapi/schemas.ts";
import { WebhooksTwin, WebhookTwin } from "../../routes/openapi/webhook-schemas.ts";
import { collectStream } from "../harness/scripted-cloud.ts";
import { createTestAppWithGitHub } from "../harness/signed-in.ts";
import { createTestApp } from "../harness/test-app.ts";
import { createWebhookReceiver } from "../harness/webhook-receiver.ts";

const files = { "package.json": '{"scripts":{"start":"node server.js"}}', "server.js": "" };
const { get, getJson, postForm, postJson, post, story, slipway, bugs } = createTestApp({
  repos: { hello: files, other: files },
});
const at = "/local/apps/hello/webhooks";
const all = ["deployment.started", "deployment.succeeded"];

let there: Awaited<ReturnType<typeof createWebhookReceiver>>;
beforeAll(async () => {
  there = await createWebhookReceiver();
});
afterAll(() => {
  there.close();
  expect(bugs).toEqual([]);
});

async function added(path = at) {
  const answer = await postJson(path, { url: there.url, types: all });
  expect(answer.status).toBe(201);
  return WebhookTwin.parse(await answer.json());
}
const settled = async () => {
  slipway.webhooks.tick();
  await slipway.webhooks.idle();
};

describe("a program", () => {
  test("adds a webhook, hears of a deployment, reads the log, sends again, and deletes it", async () => {
    const { webhook, secret } = await added();
    expect(secret).toMatch(/^whsec_/);
    const webhookUrl = `${at}/${webhook.id}`;
    const order = { repo: "local/apps/hello", cloud: "script", env: {} };
    const { id } = (await (await postJson("/deployments", order)).json()) as { id: string };
    await collectStream(story, id);
    await settled();
    const { deliveries, secret: again } = WebhookTwin.parse(await (await getJson(webhookUrl)).json());
    expect(again).toBeUndefined();
    expect(deliveries.map(({ type, state }) => [type, state])).toEqual([
      ["deployment.succeeded", "delivered"],
      ["deployment.started", "delivered"],
    ]);
    const sent = await postJson(`${webhookUrl}/deliveries/${deliveries[0]?.id}/redelivery`, {});
    expect(WebhookTwin.parse(await sent.json()).deliveries[0]?.attempts).toHaveLength(2);
    expect(there.types()).toEqual(["deployment.started", "deployment.succeeded", "deployment.succeeded"]);
    for (const received of there.all) there.verify(received, secret ?? "");
    expect((await postJson(`${webhookUrl}/removal`, {})).status).toBe(204);
    expect((await getJson(webhookUrl)).status).toBe(404);
    expect(WebhooksTwin.parse(await (await getJson(at)).json()).webhooks).toEqual([]);
  });

  test("changes it, switches it, makes a new secret, pings", async () => {
    const { webhook, secret } = await added();
    const webhookUrl = `${at}/${webhook.id}`;
    const read = async (answer: Response | Promise<Response>) => WebhookTwin.parse(await (await answer).json());
    const changed = await read(postJson(webhookUrl, { url: `${there.url}/2`, types: ["manifest.broken"] }));
    expect(changed.webhook).toMatchObject({ url: `${there.url}/2`, types: ["manifest.broken"], on: true });
    expect((await read(postJson(`${webhookUrl}/state`, { on: false }))).webhook.on).toBe(false);
    expect((await read(postJson(`${webhookUrl}/state`, { on: true }))).webhook.on).toBe(true);
    const { secret: fresh } = await read(postJson(`${webhookUrl}/secret`, {}));
    expect(fresh).not.toBe(secret);
    const { deliveries } = await read(postJson(`${webhookUrl}/ping`, {}));
    expect(deliveries[0]).toMatchObject({ type: "ping", state: "delivered", attempts: [{ status: 204 }] });
  });

  test("is told what is wrong, each with its field", async () => {
    const wrong = async (body: unknown) => {
      const answer = await postJson(at, body);
      return [answer.status, Problems.parse(await answer.json()).problems.map(({ path }) => path)];
    };
    expect(await wrong({ url: "https://10.0.0.1/", types: all })).toEqual([422, ["url"]]);
    expect(await wrong({ url: 7, types: "all" })).toEqual([422, ["url", "types"]]);
    expect(await wrong({})).toEqual([422, ["url", "types"]]);
    expect((await post(at, "{", { "content-type": "application/json" })).status).toBe(422);
    expect((await postJson(`${at}/wh_none/ping`, {})).status).toBe(404);
    const { webhook } = await added();
    expect((await postJson(`${at}/${webhook.id}/deliveries/none/redelivery`, {})).status).toBe(404);
    expect((await postJson(`${at}/${webhook.id}/state`, { on: "perhaps" })).status).toBe(422);
  });
});

describe("the pages", () => {
  test("show the secret once, and what was typed when it cannot be used", async () => {
    const wrong = await postForm(at, { url: "http://example.com:22/", types: "deployment.failed" });
    expect(wrong.status).toBe(422);
    const typed = await wrong.text();
    expect(typed).toContain('value="http://example.com:22/"');
    expect(typed).toContain("Port 22");
    const answer = await postForm(at, { url: there.url, types: "deployment.failed" });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const page = await answer.text();
    expect(page).toMatch(/whsec_[\w+/]{43}=/);
    const location = answer.headers.get("location") ?? "";
    expect(await (await get(location)).text()).not.toContain("whsec_");
    const pinged = await postForm(`${location}/ping`, {});
    expect([pinged.status, pinged.headers.get("location")]).toEqual([303, location]);
    expect(await (await get(location)).text()).toMatch(/<code>ping<\/code>[\s\S]*delivered[\s\S]*<b>204<\/b>/);
    // What a browser asks for that goes back to where a form has led.
    for (const place of ["ping", "secret", "state", "removal", "deliveries/x/redelivery"])
      expect([place, (await get(`${location}/${place}`)).headers.get("location")]).toEqual([place, location]);
  });

  test("of one repository have nothing of another's", async () => {
    const { webhook } = await added();
    const elsewhere = `/local/apps/other/webhooks`;
    expect((await get(`${elsewhere}/${webhook.id}`)).status).toBe(404);
    for (const action of ["ping", "secret", "state", "removal"])
      expect([action, (await postForm(`${elsewhere}/${webhook.id}/${action}`, { on: "false" })).status]).toEqual([
        action,
        404,
      ]);
    expect((await getJson(`${at}/${webhook.id}`)).status).toBe(200);
  });

  test("are for maintainers only, and changed from our own pages only", async () => {
    for (const path of ["/github.com/o/r/webhooks", "/github.com/o/r/webhooks/wh_x"]) {
      expect((await get(path)).status).toBe(403);
      expect((await postForm(path, { url: there.url, types: "deployment.failed" })).status).toBe(403);
    }
    expect((await get("/local/apps/none/webhooks")).status).toBe(404);
    const foreign = await postForm(
      at,
      { url: there.url, types: "deployment.failed" },
      { origin: "https://evil.example" },
    );
    expect(foreign.status).toBe(403);
    const long = await postForm(at, { url: `https://example.com/${"x".repeat(600_000)}` });
    expect(long.status).toBe(413);
  });

  test("offer no eleventh", async () => {
    const path = "/local/apps/other/webhooks";
    for (let n = 0; n < 10; n++) await added(path);
    const page = await (await get(path)).text();
    expect(page).not.toContain("Add webhook");
    expect((await postForm(path, { url: there.url, types: "deployment.failed" })).status).toBe(422);
  });
});

test("on GitHub they belong to whoever may push, and nobody else sees or changes them", async () => {
  const file = { "app.json": '{"name":"Shop"}', Procfile: "web: x" };
  const here = await createTestAppWithGitHub({
    repos: { "acme/shop": { files: file }, "other/app": { files: file } },
    users: { ada: { id: 7, push: ["acme/shop"] }, eve: { id: 9, push: ["other/app"] } },
  });
  const [ada, eve, stranger] = [here.browser(), here.browser(), here.browser()];
  await ada.signIn("ada");
  await eve.signIn("eve");
  const page = "/github.com/acme/shop/webhooks";
  const made = await ada.post("/github.com/Acme/Shop/webhooks", { url: there.url, types: "deployment.failed" });
  expect(made.status).toBe(201);
  const webhookUrl = made.headers.get("location") ?? "";
  const own = `${page}/${webhookUrl.split("/").at(-1)}`;
  expect(await (await ada.get(page)).text()).toContain(there.url);
  expect((await ada.get(own)).status).toBe(200);
  for (const action of ["", "/ping", "/secret", "/state", "/removal", "/deliveries/x/redelivery"]) {
    expect([action, (await eve.post(own + action, { on: "false" })).status]).toEqual([action, 403]);
    expect([action, (await stranger.post(own + action, { on: "false" })).status]).toEqual([action, 401]);
    expect([
      action,
      (await eve.post(`/github.com/other/app/webhooks/${own.split("/").at(-1)}${action}`, {})).status,
    ]).toEqual([action, 404]);
  }
  expect((await eve.get(own)).status).toBe(403);
  expect((await stranger.get(page)).status).toBe(401);
  expect(here.slipway.webhooks.all("github.com/acme/shop")).toMatchObject([{ on: true, former: null }]);
  await here.close();
});
