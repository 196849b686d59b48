import { afterEach, describe, expect, test } from "vitest";
import type { DeploymentEvent } from "../../src/clouds/cloud.ts";
import type { Db } from "../../src/data/db.ts";
import { findWebhook, type Webhook } from "../../src/data/store/webhooks.ts";
import { createSeal } from "../../src/identity/seal.ts";
import { type FetchResult, guardedFetch } from "../../src/network/guarded-fetch.ts";
import { eventTypes } from "../../src/webhooks/events.ts";
import { createWebhooks, type Webhooks } from "../../src/webhooks/index.ts";
import { retryDelays } from "../../src/webhooks/record-attempt.ts";
import { collectStream, createScriptedCloud, createTestDeployments } from "../harness/scripted-cloud.ts";
import { createWebhookReceiver, type Received } from "../harness/webhook-receiver.ts";

const repo = "github.com/owner/hello";
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const close of cleanups.splice(0)) close();
});

async function startReceiver(reply?: Parameters<typeof createWebhookReceiver>[0]) {
  const one = await createWebhookReceiver(reply);
  cleanups.push(one.close);
  return one;
}

interface Options {
  now?: () => Date;
  fetch?: (url: string) => Promise<FetchResult>;
  random?: (bytes: number) => Uint8Array;
}

const loopbackFetch = guardedFetch({
  reach: "loopback",
  resolve: async () => [{ address: "127.0.0.1", family: 4 }],
});

function createTestWebhooks(
  db: Db,
  { now = () => new Date(), fetch, random = (n) => crypto.getRandomValues(new Uint8Array(n)) }: Options = {},
) {
  let ids = 0;
  const bugs: unknown[] = [];
  const webhooks = createWebhooks({
    db,
    seal: createSeal("a secret of more than thirty-two letters"),
    fetch: fetch ? ({ url }) => fetch(url) : loopbackFetch,
    reach: "loopback",
    now,
    random,
    newId: () => `id${++ids}`,
    log: (_, error) => bugs.push(error),
  });
  return Object.assign(webhooks, { bugs });
}

function added(webhooks: Webhooks, url: string, wanted: readonly string[] = eventTypes) {
  const result = webhooks.add(repo, { url, types: [...wanted] });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

const succeeding = () =>
  createScriptedCloud(async function* () {
    yield { type: "step", name: "web", state: "running" };
    yield { type: "state", state: "succeeded", url: "https://visitor.example.com/" };
  });

/** One that fails the first time and succeeds the second. */
const failing = (message: string, next = "Try again.") => {
  let tries = 0;
  return createScriptedCloud(async function* (): AsyncIterable<DeploymentEvent> {
    yield { type: "step", name: "web", state: "running" };
    if (tries++ > 0) return yield { type: "state", state: "succeeded", url: null };
    yield { type: "state", state: "failed", error: { message, next, step: "web" } };
  });
};

/** As the story's order, of the repository that the webhooks are of. */
const orderOf = (order: ReturnType<typeof createTestDeployments>["order"], more: object = {}) => ({
  ...order,
  app: { ...order.app, source: { ...order.app.source, host: "github.com" as const, owner: "Owner", repo: "Hello" } },
  ...more,
});

async function deployAndWait(setup: ReturnType<typeof createTestDeployments>, more: object = {}) {
  const { id } = setup.story.start(orderOf(setup.order, more));
  await collectStream(setup.story, id);
  return id;
}

async function flush(webhooks: Webhooks) {
  webhooks.tick();
  await webhooks.idle();
}

describe("events", () => {
  test("start, success and removal are delivered in order, signed", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db);
    const endpoint = await startReceiver();
    const { secret } = added(webhooks, endpoint.url);
    const id = await deployAndWait(setup);
    await flush(webhooks);
    setup.story.remove(id);
    await collectStream(setup.story, id);
    await flush(webhooks);
    expect(endpoint.types()).toEqual(["deployment.started", "deployment.succeeded", "deployment.removed"]);
    for (const received of endpoint.all) {
      expect(endpoint.verify(received, secret)).toMatchObject({ timestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
      expect(() => endpoint.verify({ ...received, body: `${received.body} ` }, secret)).toThrow();
      expect(received.headers).toMatchObject({ "content-type": "application/json" });
    }
    const [started, succeeded, removed] = endpoint.all.map(({ data }) => data);
    expect(started).toEqual({
      deployment: expect.stringMatching(/^dep_[a-z2-7]{26}$/),
      repo: "github.com/Owner/Hello",
      commit: setup.order.app.source.commit,
      ref: setup.order.app.source.ref,
      path: "",
      cloud: "script",
      region: "here",
      preset: "economy",
      state: "running",
      attempt: 1,
      seconds: null,
      error: null,
    });
    expect(succeeded).toEqual({ ...started, state: "succeeded", seconds: expect.any(Number) });
    expect(removed).toEqual({ ...started, state: "removed" });
    expect(webhooks.bugs).toEqual([]);
  });

  test("no event reveals the visitor, the app's address or the deployment's page", async () => {
    const setup = createTestDeployments({
      cloud: failing(
        "User: arn:aws:iam::123456789012:user/ada is not allowed to make slipway-deployment1-web for ada@example.com in 123456789012 at https://visitor.example.com/x from 203.0.113.7, says Grace to Lovelace",
        "Ask 6f9619ff-8b86-d011-b42d-00cf4fc964ff, or see https://console.example.com/projects/my-own.",
      ),
    });
    const webhooks = createTestWebhooks(setup.db);
    const endpoint = await startReceiver();
    added(webhooks, endpoint.url);
    const id = await deployAndWait(setup, {
      env: { NAME: "Grace", WHO: "Lovelace" },
      access: { token: "the-token-of-ada" },
    });
    await flush(webhooks);
    const { body, data } = endpoint.all.at(-1) as Received;
    for (const personal of [
      "arn:aws:iam::1",
      "ada",
      "123456789012",
      "visitor.example",
      "203.0.113.7",
      "Grace",
      "Lovelace",
      "6f9619ff",
      "my-own",
      id,
    ])
      expect([personal, body.includes(personal)]).toEqual([personal, false]);
    expect(data.error).toMatchObject({ message: expect.stringContaining("is not allowed to make"), step: "web" });
  });

  test("a failure followed by a success has one start and numbered attempts", async () => {
    const setup = createTestDeployments({ cloud: failing("Out of apples.") });
    const webhooks = createTestWebhooks(setup.db);
    const endpoint = await startReceiver();
    added(webhooks, endpoint.url);
    const id = await deployAndWait(setup);
    expect(setup.story.retry(id)).toBe(true);
    await collectStream(setup.story, id);
    await flush(webhooks);
    expect(endpoint.all.map(({ type, data }) => [type, data.attempt])).toEqual([
      ["deployment.started", 1],
      ["deployment.failed", 1],
      ["deployment.succeeded", 2],
    ]);
    expect(new Set(endpoint.all.map(({ data }) => data.deployment)).size).toBe(1);
    expect(endpoint.all[1]?.data.error).toEqual({ message: "Out of apples.", next: "Try again.", step: "web" });
  });

  test("a repeated request is delivered once, only to webhooks of its repository and event type", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db);
    const [all, some, others] = [await startReceiver(), await startReceiver(), await startReceiver()];
    added(webhooks, all.url);
    added(webhooks, some.url, ["deployment.failed"]);
    webhooks.add("github.com/other/hello", { url: others.url, types: [...eventTypes] });
    await deployAndWait(setup);
    setup.story.start(orderOf(setup.order));
    await flush(webhooks);
    expect(all.types()).toEqual(["deployment.started", "deployment.succeeded"]);
    expect([some.types(), others.types()]).toEqual([[], []]);
  });

  test("a ping is delivered on request, with a limit", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db);
    const endpoint = await startReceiver();
    const { webhook, secret } = added(webhooks, endpoint.url);
    for (let n = 0; n < 10; n++) expect(await webhooks.ping(webhook)).toBe(true);
    expect(await webhooks.ping(webhook)).toBe(false);
    expect(endpoint.types()).toEqual(Array.from({ length: 10 }, () => "ping"));
    expect(endpoint.verify(endpoint.all[0] as Received, secret)).toMatchObject({ type: "ping", data: { repo } });
    expect(webhooks.log(webhook)[0]).toMatchObject({ state: "delivered", attempts: [{ status: 204 }] });
  });
});

test("manual sends are limited to a hundred a day", async () => {
  let at = Date.parse("2026-11-22T00:00:00Z");
  const setup = createTestDeployments({ cloud: succeeding() });
  const webhooks = createTestWebhooks(setup.db, {
    now: () => new Date(at),
    fetch: async () => ({ ok: true, status: 204, body: Buffer.alloc(0) }),
  });
  const { webhook } = added(webhooks, "https://example.com/");
  for (let n = 0; n < 100; n++) {
    expect(await webhooks.ping(webhook)).toBe(true);
    at += 60_000;
  }
  const [delivery] = webhooks.log(webhook);
  expect([await webhooks.ping(webhook), await webhooks.redeliver(webhook, delivery?.id ?? "")]).toEqual([false, false]);
  at += 24 * 3600 * 1000;
  webhooks.prune();
  expect(await webhooks.ping(webhook)).toBe(true);
});

describe("adding", () => {
  test("invalid URLs, unknown events and an eleventh webhook are refused with a sentence", () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db);
    const words = (url: string, wanted: string[]) => {
      const result = webhooks.add(repo, { url, types: wanted });
      return result.ok ? [] : result.problems.map(({ path }) => path);
    };
    expect(words("https://169.254.169.254/", ["deployment.failed"])).toEqual(["url"]);
    expect(words("nonsense", [])).toEqual(["url", "types"]);
    expect(words("https://example.com/", ["deployment.exploded"])).toEqual(["types"]);
    for (let n = 0; n < 10; n++) added(webhooks, "https://example.com/");
    expect(words("https://example.com/", ["deployment.failed"])).toEqual(["url"]);
    expect(webhooks.all(repo)).toHaveLength(10);
    expect(webhooks.all("github.com/other/hello")).toEqual([]);
  });

  test("the stored row does not reveal the secret", () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const { secret } = added(createTestWebhooks(setup.db), "https://example.com/");
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    const rows = JSON.stringify(setup.db.$client.prepare("select * from webhooks").all());
    expect(rows).toContain("example.com");
    expect(rows).not.toContain(secret.slice(6));
  });

  test("a deleted webhook loses its deliveries and receives nothing more", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db);
    const endpoint = await startReceiver();
    const { webhook } = added(webhooks, endpoint.url);
    await deployAndWait(setup);
    webhooks.remove(webhook);
    await flush(webhooks);
    expect(endpoint.all).toEqual([]);
    expect(setup.db.$client.prepare("select count(*) as n from deliveries").get()).toEqual({ n: 0 });
  });
});

describe("secrets", () => {
  test("for a day after a rotation both secrets verify, then only the new one", async () => {
    let at = Date.now();
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db, { now: () => new Date(at) });
    const endpoint = await startReceiver();
    const { webhook, secret: former } = added(webhooks, endpoint.url);
    const secret = webhooks.rotate(webhook);
    expect(secret).not.toBe(former);
    const fresh = () => findWebhook(setup.db, webhook.id) as Webhook;
    await webhooks.ping(fresh());
    const both = endpoint.all[0] as Received;
    expect(both.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    endpoint.verify(both, former);
    endpoint.verify(both, secret);
    // The library compares with the real clock, so a day later it is asked for the number of signatures alone.
    at += 24 * 3600 * 1000;
    await webhooks.ping(fresh());
    expect(endpoint.all[1]?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
  });

  test("another SECRET is reported, not thrown", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const endpoint = await startReceiver();
    const { webhook } = added(createTestWebhooks(setup.db), endpoint.url);
    setup.db.$client.prepare("update webhooks set secret = 'nonsense'").run();
    const webhooks = createTestWebhooks(setup.db);
    await webhooks.ping(webhook);
    expect(endpoint.all).toEqual([]);
    expect(webhooks.log(webhook)[0]?.attempts[0]).toMatchObject({
      status: null,
      answer: expect.stringContaining("SECRET"),
    });
  });
});

describe("a failed delivery", () => {
  const minutes = (ms: number) => Math.round(ms / 60_000);

  /** A clock that stands still until it is moved, and a receiver that answers as told. */
  function dayOf(answer: () => FetchResult, chance = 0) {
    let at = Date.parse("2026-11-22T00:00:00Z");
    const asked: number[] = [];
    const setup = createTestDeployments({ cloud: succeeding(), now: () => new Date(at) });
    const webhooks = createTestWebhooks(setup.db, {
      now: () => new Date(at),
      fetch: async () => {
        asked.push(at);
        return answer();
      },
      random: (n) => new Uint8Array(n).fill(chance * 255),
    });
    const { webhook } = added(webhooks, "https://example.com/", ["deployment.succeeded"]);
    return {
      setup,
      webhooks,
      webhook,
      asked,
      state: () => findWebhook(setup.db, webhook.id) as Webhook,
      async pass(milliseconds: number, step = 1000) {
        for (const end = at + milliseconds; at < end; at += step) await flush(webhooks);
      },
    };
  }
  const no: FetchResult = { ok: true, status: 500, body: Buffer.from("Oh no.") };
  const yes: FetchResult = { ok: true, status: 200, body: Buffer.alloc(0) };

  test("is retried with increasing delays for a day, then the webhook is switched off with a reason", async () => {
    const day = dayOf(() => no);
    await deployAndWait(day.setup);
    await day.pass(25 * 3600 * 1000, 5000);
    const waits = day.asked.slice(1).map((at, n) => at - (day.asked[n] ?? 0));
    expect(waits).toEqual(retryDelays);
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThanOrEqual(24 * 3600 * 1000);
    expect(day.state()).toMatchObject({ on: false, reason: expect.stringContaining("day") });
    const [delivery] = day.webhooks.log(day.webhook);
    expect(delivery).toMatchObject({ state: "given up", tries: 9 });
    expect(delivery?.attempts).toHaveLength(9);
    expect(delivery?.attempts[0]).toMatchObject({ status: 500, answer: "Oh no." });
    await deployAndWait(day.setup, { request: "second" });
    await day.pass(3600 * 1000, 5000);
    expect(day.asked).toHaveLength(9);
  });

  test("has a random delay of up to a fifth added", async () => {
    const day = dayOf(() => no, 1);
    await deployAndWait(day.setup);
    await day.pass(10 * 60_000, 100);
    expect(day.asked.slice(1).map((at, n) => at - (day.asked[n] ?? 0))).toEqual([6000, 72_000, 359_800]);
  });

  test("is delivered with the same id when the receiver is back, and the webhook stays on", async () => {
    let down = true;
    const day = dayOf(() => (down ? { ok: false, reason: "Nobody listens there." } : yes));
    await deployAndWait(day.setup);
    await day.pass(3600 * 1000, 5000);
    down = false;
    await day.pass(3600 * 1000 * 3, 60_000);
    const [delivery] = day.webhooks.log(day.webhook);
    expect(delivery?.state).toBe("delivered");
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([null, null, null, null, null, 200]);
    expect(day.state()).toMatchObject({ on: true, failing: null });
    expect(minutes((day.asked.at(-1) ?? 0) - (day.asked[0] ?? 0))).toBeGreaterThan(120);
  });

  test("does not switch off a webhook that receives other deliveries", async () => {
    let count = 0;
    const day = dayOf(() => (count++ % 2 === 0 ? no : yes));
    for (let n = 0; n < 4; n++) {
      await deployAndWait(day.setup, { request: `order ${n}` });
      await day.pass(8 * 3600 * 1000, 60_000);
    }
    expect(day.state()).toMatchObject({ on: true });
  });

  test("410 Gone switches it off at once", async () => {
    const day = dayOf(() => ({ ok: true, status: 410, body: Buffer.alloc(0) }));
    await deployAndWait(day.setup);
    await day.pass(60_000);
    expect(day.asked).toHaveLength(1);
    expect(day.state()).toMatchObject({ on: false, reason: expect.stringContaining("410") });
  });

  test("a redirect counts as a failure", async () => {
    const day = dayOf(() => ({ ok: true, status: 302, body: Buffer.alloc(0) }));
    await deployAndWait(day.setup);
    await day.pass(30_000);
    expect(day.asked).toHaveLength(2);
  });

  test("waits while the webhook is switched off, and is sent when it is switched on", async () => {
    let answer = no;
    const day = dayOf(() => answer);
    await deployAndWait(day.setup);
    await day.pass(1000);
    day.webhooks.switch(day.webhook, false);
    await day.pass(3600 * 1000, 60_000);
    expect(day.asked).toHaveLength(1);
    answer = yes;
    day.webhooks.switch(day.webhook, true);
    await day.pass(1000);
    expect(day.asked).toHaveLength(2);
    expect(day.webhooks.log(day.webhook)[0]?.state).toBe("delivered");
  });

  test("is deleted after thirty days", async () => {
    const day = dayOf(() => yes);
    await deployAndWait(day.setup);
    await day.pass(29 * 24 * 3600 * 1000, 3600 * 1000);
    day.webhooks.prune();
    expect(day.webhooks.log(day.webhook)).toHaveLength(1);
    await day.pass(2 * 24 * 3600 * 1000, 3600 * 1000);
    day.webhooks.prune();
    expect(day.webhooks.log(day.webhook)).toEqual([]);
    expect(day.setup.db.$client.prepare("select count(*) as n from attempts").get()).toEqual({ n: 0 });
  });

  test("can be redelivered with the same id and body", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db);
    const endpoint = await startReceiver();
    const { webhook } = added(webhooks, endpoint.url, ["deployment.succeeded"]);
    await deployAndWait(setup);
    await flush(webhooks);
    const [delivery] = webhooks.log(webhook);
    expect(await webhooks.redeliver(webhook, delivery?.id ?? "")).toBe(true);
    expect(await webhooks.redeliver(webhook, "msg_of_somebody_else")).toBeNull();
    const [first, second] = endpoint.all;
    expect(second).toMatchObject({ id: first?.id, body: first?.body });
    expect(webhooks.log(webhook)[0]?.attempts).toHaveLength(2);
  });
});

describe("isolation", () => {
  test("a slow receiver gets one delivery at a time and delays no other", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db);
    let answer = () => {};
    const after = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = await startReceiver(() => ({ after }));
    const quick = await startReceiver();
    for (let n = 0; n < 8; n++) added(webhooks, slow.url);
    added(webhooks, quick.url.replace("127.0.0.1", "localhost"));
    for (let n = 0; n < 5; n++) await deployAndWait(setup, { request: `order ${n}` });
    webhooks.tick();
    await expect.poll(() => quick.all.length, { timeout: 15_000 }).toBe(10);
    // Four to one host, however many webhooks lead there.
    expect(slow.all).toHaveLength(4);
    answer();
    await webhooks.idle();
    expect(slow.all).toHaveLength(80);
    expect(new Set(slow.all.map(({ id }) => id)).size).toBe(80);
  });

  test("a webhook may be deleted while a delivery is in flight", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db);
    let gone = () => {};
    const endpoint = await startReceiver(() => {
      gone();
      return { status: 500 };
    });
    const { webhook } = added(webhooks, endpoint.url);
    gone = () => webhooks.remove(webhook);
    await deployAndWait(setup);
    await flush(webhooks);
    expect(webhooks.bugs).toEqual([]);
    expect(endpoint.all).toHaveLength(1);
  });

  test("a database error during a delivery is survived", async () => {
    const setup = createTestDeployments({ cloud: succeeding() });
    const webhooks = createTestWebhooks(setup.db, {
      fetch: async () => {
        setup.db.$client.exec("ALTER TABLE webhooks RENAME TO elsewhere");
        return { ok: true, status: 200, body: Buffer.from("") };
      },
    });
    added(webhooks, "http://127.0.0.1:9999/");
    await deployAndWait(setup);
    webhooks.tick();
    await webhooks.idle();
    expect(webhooks.bugs).toHaveLength(2);
    setup.db.$client.exec("ALTER TABLE elsewhere RENAME TO webhooks");
  });
});

test("a delivery in flight at a crash is sent again with the same id", async () => {
  const setup = createTestDeployments({ cloud: succeeding() });
  const first = createTestWebhooks(setup.db);
  let answer = () => {};
  const after = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const endpoint = await startReceiver(() => ({ after }));
  added(first, endpoint.url, ["deployment.succeeded"]);
  await deployAndWait(setup);
  first.tick();
  await endpoint.received("deployment.succeeded");
  // As after kill -9: the first never gets to write down what came of it.
  first.close();
  const second = createTestWebhooks(setup.db);
  second.tick();
  await expect.poll(() => endpoint.all.length).toBe(2);
  answer();
  await second.idle();
  expect(endpoint.all[1]?.id).toBe(endpoint.all[0]?.id);
});
