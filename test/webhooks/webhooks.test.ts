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
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function receiving(reply?: Parameters<typeof createWebhookReceiver>[0]) {
  const one = await createWebhookReceiver(reply);
  closing.push(one.close);
  return one;
}

interface Given {
  now?: () => Date;
  fetch?: (url: string) => Promise<FetchResult>;
  random?: (bytes: number) => Uint8Array;
}

const overLoopback = guardedFetch({
  reach: "loopback",
  resolve: async () => [{ address: "127.0.0.1", family: 4 }],
});

function hooks(
  db: Db,
  { now = () => new Date(), fetch, random = (n) => crypto.getRandomValues(new Uint8Array(n)) }: Given = {},
) {
  let ids = 0;
  const bugs: unknown[] = [];
  const own = createWebhooks({
    db,
    seal: createSeal("a secret of more than thirty-two letters"),
    fetch: fetch ? ({ url }) => fetch(url) : overLoopback,
    reach: "loopback",
    now,
    random,
    newId: () => `id${++ids}`,
    log: (_, error) => bugs.push(error),
  });
  return Object.assign(own, { bugs });
}

function added(own: Webhooks, url: string, wanted: readonly string[] = eventTypes) {
  const result = own.add(repo, { url, types: [...wanted] });
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

async function deployed(told: ReturnType<typeof createTestDeployments>, more: object = {}) {
  const { id } = told.story.start(orderOf(told.order, more));
  await collectStream(told.story, id);
  return id;
}

async function flush(own: Webhooks) {
  own.tick();
  await own.idle();
}

describe("what is told", () => {
  test("a deployment that starts, succeeds and is removed is told, signed, in that order", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db);
    const there = await receiving();
    const { secret } = added(own, there.url);
    const id = await deployed(told);
    await flush(own);
    told.story.remove(id);
    await collectStream(told.story, id);
    await flush(own);
    expect(there.types()).toEqual(["deployment.started", "deployment.succeeded", "deployment.removed"]);
    for (const received of there.all) {
      expect(there.verify(received, secret)).toMatchObject({ timestamp: expect.stringMatching(/^\d{4}-.*Z$/) });
      expect(() => there.verify({ ...received, body: `${received.body} ` }, secret)).toThrow();
      expect(received.headers).toMatchObject({ "content-type": "application/json" });
    }
    const [started, succeeded, removed] = there.all.map(({ data }) => data);
    expect(started).toEqual({
      deployment: expect.stringMatching(/^dep_[a-z2-7]{26}$/),
      repo: "github.com/Owner/Hello",
      commit: told.order.app.source.commit,
      ref: told.order.app.source.ref,
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
    expect(own.bugs).toEqual([]);
  });

  test("nothing in it leads to the visitor, the app or the deployment's page", async () => {
    const told = createTestDeployments({
      cloud: failing(
        "User: arn:aws:iam::123456789012:user/ada is not allowed to make slipway-deployment1-web for ada@example.com in 123456789012 at https://visitor.example.com/x from 203.0.113.7, says Grace to Lovelace",
        "Ask 6f9619ff-8b86-d011-b42d-00cf4fc964ff, or see https://console.example.com/projects/my-own.",
      ),
    });
    const own = hooks(told.db);
    const there = await receiving();
    added(own, there.url);
    const id = await deployed(told, {
      env: { NAME: "Grace", WHO: "Lovelace" },
      access: { token: "the-token-of-ada" },
    });
    await flush(own);
    const { body, data } = there.all.at(-1) as Received;
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

  test("a failure may be followed by a success: one start, and attempts that count", async () => {
    const told = createTestDeployments({ cloud: failing("Out of apples.") });
    const own = hooks(told.db);
    const there = await receiving();
    added(own, there.url);
    const id = await deployed(told);
    expect(told.story.retry(id)).toBe(true);
    await collectStream(told.story, id);
    await flush(own);
    expect(there.all.map(({ type, data }) => [type, data.attempt])).toEqual([
      ["deployment.started", 1],
      ["deployment.failed", 1],
      ["deployment.succeeded", 2],
    ]);
    expect(new Set(there.all.map(({ data }) => data.deployment)).size).toBe(1);
    expect(there.all[1]?.data.error).toEqual({ message: "Out of apples.", next: "Try again.", step: "web" });
  });

  test("the same order twice is told once, and only what was asked for, to whose repository it is", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db);
    const [all, some, others] = [await receiving(), await receiving(), await receiving()];
    added(own, all.url);
    added(own, some.url, ["deployment.failed"]);
    own.add("github.com/other/hello", { url: others.url, types: [...eventTypes] });
    await deployed(told);
    told.story.start(orderOf(told.order));
    await flush(own);
    expect(all.types()).toEqual(["deployment.started", "deployment.succeeded"]);
    expect([some.types(), others.types()]).toEqual([[], []]);
  });

  test("a ping is told when it is asked for, and not without end", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db);
    const there = await receiving();
    const { webhook, secret } = added(own, there.url);
    for (let n = 0; n < 10; n++) expect(await own.ping(webhook)).toBe(true);
    expect(await own.ping(webhook)).toBe(false);
    expect(there.types()).toEqual(Array.from({ length: 10 }, () => "ping"));
    expect(there.verify(there.all[0] as Received, secret)).toMatchObject({ type: "ping", data: { repo } });
    expect(own.log(webhook)[0]).toMatchObject({ state: "delivered", attempts: [{ status: 204 }] });
  });
});

test("by hand a webhook is sent to a hundred times a day at most", async () => {
  let at = Date.parse("2026-11-22T00:00:00Z");
  const told = createTestDeployments({ cloud: succeeding() });
  const own = hooks(told.db, {
    now: () => new Date(at),
    fetch: async () => ({ ok: true, status: 204, body: Buffer.alloc(0) }),
  });
  const { webhook } = added(own, "https://example.com/");
  for (let n = 0; n < 100; n++) {
    expect(await own.ping(webhook)).toBe(true);
    at += 60_000;
  }
  const [delivery] = own.log(webhook);
  expect([await own.ping(webhook), await own.redeliver(webhook, delivery?.id ?? "")]).toEqual([false, false]);
  at += 24 * 3600 * 1000;
  own.prune();
  expect(await own.ping(webhook)).toBe(true);
});

describe("what may be added", () => {
  test("addresses that are not asked, events that are none and an eleventh are refused in words", () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db);
    const words = (url: string, wanted: string[]) => {
      const result = own.add(repo, { url, types: wanted });
      return result.ok ? [] : result.problems.map(({ path }) => path);
    };
    expect(words("https://169.254.169.254/", ["deployment.failed"])).toEqual(["url"]);
    expect(words("nonsense", [])).toEqual(["url", "types"]);
    expect(words("https://example.com/", ["deployment.exploded"])).toEqual(["types"]);
    for (let n = 0; n < 10; n++) added(own, "https://example.com/");
    expect(words("https://example.com/", ["deployment.failed"])).toEqual(["url"]);
    expect(own.all(repo)).toHaveLength(10);
    expect(own.all("github.com/other/hello")).toEqual([]);
  });

  test("what is stored does not show the secret", () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const { secret } = added(hooks(told.db), "https://example.com/");
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    const rows = JSON.stringify(told.db.$client.prepare("select * from webhooks").all());
    expect(rows).toContain("example.com");
    expect(rows).not.toContain(secret.slice(6));
  });

  test("one that is deleted takes its deliveries along, and hears of nothing more", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db);
    const there = await receiving();
    const { webhook } = added(own, there.url);
    await deployed(told);
    own.remove(webhook);
    await flush(own);
    expect(there.all).toEqual([]);
    expect(told.db.$client.prepare("select count(*) as n from deliveries").get()).toEqual({ n: 0 });
  });
});

describe("secrets", () => {
  test("for a day after a change both secrets verify, then only the new one", async () => {
    let at = Date.now();
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db, { now: () => new Date(at) });
    const there = await receiving();
    const { webhook, secret: former } = added(own, there.url);
    const secret = own.rotate(webhook);
    expect(secret).not.toBe(former);
    const fresh = () => findWebhook(told.db, webhook.id) as Webhook;
    await own.ping(fresh());
    const both = there.all[0] as Received;
    expect(both.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    there.verify(both, former);
    there.verify(both, secret);
    // The library compares with the real clock, so a day later it is asked for the number of signatures alone.
    at += 24 * 3600 * 1000;
    await own.ping(fresh());
    expect(there.all[1]?.headers["webhook-signature"]?.split(" ")).toHaveLength(1);
  });

  test("a SECRET that is another one is said, not thrown", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const there = await receiving();
    const { webhook } = added(hooks(told.db), there.url);
    told.db.$client.prepare("update webhooks set secret = 'nonsense'").run();
    const own = hooks(told.db);
    await own.ping(webhook);
    expect(there.all).toEqual([]);
    expect(own.log(webhook)[0]?.attempts[0]).toMatchObject({ status: null, answer: expect.stringContaining("SECRET") });
  });
});

describe("what does not arrive", () => {
  const minutes = (ms: number) => Math.round(ms / 60_000);

  /** A clock that stands still until it is moved, and a receiver that answers as told. */
  function dayOf(answer: () => FetchResult, chance = 0) {
    let at = Date.parse("2026-11-22T00:00:00Z");
    const asked: number[] = [];
    const told = createTestDeployments({ cloud: succeeding(), now: () => new Date(at) });
    const own = hooks(told.db, {
      now: () => new Date(at),
      fetch: async () => {
        asked.push(at);
        return answer();
      },
      random: (n) => new Uint8Array(n).fill(chance * 255),
    });
    const { webhook } = added(own, "https://example.com/", ["deployment.succeeded"]);
    return {
      told,
      own,
      webhook,
      asked,
      state: () => findWebhook(told.db, webhook.id) as Webhook,
      async pass(milliseconds: number, step = 1000) {
        for (const end = at + milliseconds; at < end; at += step) await flush(own);
      },
    };
  }
  const no: FetchResult = { ok: true, status: 500, body: Buffer.from("Oh no.") };
  const yes: FetchResult = { ok: true, status: 200, body: Buffer.alloc(0) };

  test("is tried again at growing distances for a day, then the webhook is switched off and says why", async () => {
    const day = dayOf(() => no);
    await deployed(day.told);
    await day.pass(25 * 3600 * 1000, 5000);
    const waits = day.asked.slice(1).map((at, n) => at - (day.asked[n] ?? 0));
    expect(waits).toEqual(retryDelays);
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThanOrEqual(24 * 3600 * 1000);
    expect(day.state()).toMatchObject({ on: false, reason: expect.stringContaining("day") });
    const [delivery] = day.own.log(day.webhook);
    expect(delivery).toMatchObject({ state: "given up", tries: 9 });
    expect(delivery?.attempts).toHaveLength(9);
    expect(delivery?.attempts[0]).toMatchObject({ status: 500, answer: "Oh no." });
    await deployed(day.told, { request: "second" });
    await day.pass(3600 * 1000, 5000);
    expect(day.asked).toHaveLength(9);
  });

  test("chance spreads those who failed together, by a fifth at most", async () => {
    const day = dayOf(() => no, 1);
    await deployed(day.told);
    await day.pass(10 * 60_000, 100);
    expect(day.asked.slice(1).map((at, n) => at - (day.asked[n] ?? 0))).toEqual([6000, 72_000, 359_800]);
  });

  test("arrives when the receiver is back, under the same id, and the webhook stays on", async () => {
    let down = true;
    const day = dayOf(() => (down ? { ok: false, reason: "Nobody listens there." } : yes));
    await deployed(day.told);
    await day.pass(3600 * 1000, 5000);
    down = false;
    await day.pass(3600 * 1000 * 3, 60_000);
    const [delivery] = day.own.log(day.webhook);
    expect(delivery?.state).toBe("delivered");
    expect(delivery?.attempts.map(({ status }) => status)).toEqual([null, null, null, null, null, 200]);
    expect(day.state()).toMatchObject({ on: true, failing: null });
    expect(minutes((day.asked.at(-1) ?? 0) - (day.asked[0] ?? 0))).toBeGreaterThan(120);
  });

  test("a webhook where other things arrive is not switched off for one that does not", async () => {
    let count = 0;
    const day = dayOf(() => (count++ % 2 === 0 ? no : yes));
    for (let n = 0; n < 4; n++) {
      await deployed(day.told, { request: `order ${n}` });
      await day.pass(8 * 3600 * 1000, 60_000);
    }
    expect(day.state()).toMatchObject({ on: true });
  });

  test("410 Gone switches it off at once", async () => {
    const day = dayOf(() => ({ ok: true, status: 410, body: Buffer.alloc(0) }));
    await deployed(day.told);
    await day.pass(60_000);
    expect(day.asked).toHaveLength(1);
    expect(day.state()).toMatchObject({ on: false, reason: expect.stringContaining("410") });
  });

  test("a redirect is no success", async () => {
    const day = dayOf(() => ({ ok: true, status: 302, body: Buffer.alloc(0) }));
    await deployed(day.told);
    await day.pass(30_000);
    expect(day.asked).toHaveLength(2);
  });

  test("what waits while it is switched off rests, and goes when it is switched on again", async () => {
    let answer = no;
    const day = dayOf(() => answer);
    await deployed(day.told);
    await day.pass(1000);
    day.own.switch(day.webhook, false);
    await day.pass(3600 * 1000, 60_000);
    expect(day.asked).toHaveLength(1);
    answer = yes;
    day.own.switch(day.webhook, true);
    await day.pass(1000);
    expect(day.asked).toHaveLength(2);
    expect(day.own.log(day.webhook)[0]?.state).toBe("delivered");
  });

  test("after thirty days it is forgotten", async () => {
    const day = dayOf(() => yes);
    await deployed(day.told);
    await day.pass(29 * 24 * 3600 * 1000, 3600 * 1000);
    day.own.prune();
    expect(day.own.log(day.webhook)).toHaveLength(1);
    await day.pass(2 * 24 * 3600 * 1000, 3600 * 1000);
    day.own.prune();
    expect(day.own.log(day.webhook)).toEqual([]);
    expect(day.told.db.$client.prepare("select count(*) as n from attempts").get()).toEqual({ n: 0 });
  });

  test("it can be sent once more, under the same id, with the same body", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db);
    const there = await receiving();
    const { webhook } = added(own, there.url, ["deployment.succeeded"]);
    await deployed(told);
    await flush(own);
    const [delivery] = own.log(webhook);
    expect(await own.redeliver(webhook, delivery?.id ?? "")).toBe(true);
    expect(await own.redeliver(webhook, "msg_of_somebody_else")).toBeNull();
    const [first, second] = there.all;
    expect(second).toMatchObject({ id: first?.id, body: first?.body });
    expect(own.log(webhook)[0]?.attempts).toHaveLength(2);
  });
});

describe("nobody is harmed", () => {
  test("by a receiver that answers slowly: others hear at once, and it gets one at a time", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db);
    let answer = () => {};
    const after = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = await receiving(() => ({ after }));
    const quick = await receiving();
    for (let n = 0; n < 8; n++) added(own, slow.url);
    added(own, quick.url.replace("127.0.0.1", "localhost"));
    for (let n = 0; n < 5; n++) await deployed(told, { request: `order ${n}` });
    own.tick();
    await expect.poll(() => quick.all.length, { timeout: 15_000 }).toBe(10);
    // Four to one host, however many webhooks lead there.
    expect(slow.all).toHaveLength(4);
    answer();
    await own.idle();
    expect(slow.all).toHaveLength(80);
    expect(new Set(slow.all.map(({ id }) => id)).size).toBe(80);
  });

  test("by a webhook that is deleted while its answer is on the way", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db);
    let gone = () => {};
    const there = await receiving(() => {
      gone();
      return { status: 500 };
    });
    const { webhook } = added(own, there.url);
    gone = () => own.remove(webhook);
    await deployed(told);
    await flush(own);
    expect(own.bugs).toEqual([]);
    expect(there.all).toHaveLength(1);
  });

  test("by a database that can neither be written nor read when the answer comes", async () => {
    const told = createTestDeployments({ cloud: succeeding() });
    const own = hooks(told.db, {
      fetch: async () => {
        told.db.$client.exec("ALTER TABLE webhooks RENAME TO elsewhere");
        return { ok: true, status: 200, body: Buffer.from("") };
      },
    });
    added(own, "http://127.0.0.1:9999/");
    await deployed(told);
    own.tick();
    await own.idle();
    expect(own.bugs).toHaveLength(2);
    told.db.$client.exec("ALTER TABLE elsewhere RENAME TO webhooks");
  });
});

test("what was on its way when the process ended is sent again by the next, under the same id", async () => {
  const told = createTestDeployments({ cloud: succeeding() });
  const first = hooks(told.db);
  let answer = () => {};
  const after = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const there = await receiving(() => ({ after }));
  added(first, there.url, ["deployment.succeeded"]);
  await deployed(told);
  first.tick();
  await there.received("deployment.succeeded");
  // As after kill -9: the first never gets to write down what came of it.
  first.close();
  const second = hooks(told.db);
  second.tick();
  await expect.poll(() => there.all.length).toBe(2);
  answer();
  await second.idle();
  expect(there.all[1]?.id).toBe(there.all[0]?.id);
});
