import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { storedResponses } from "../../src/data/store/http-cache.ts";
import type { Address } from "../../src/repo.ts";
import { githubRepositories } from "../../src/repositories/github/index.ts";
import { createInspector } from "../../src/repositories/inspect.ts";
import { createWatcher, schedules } from "../../src/repositories/watch.ts";
import { fakeGitHub, secondaryLimit } from "../fakes/github/github.ts";
import { createTestApp } from "../harness/test-app.ts";
import { createWebhookReceiver, type Received } from "../harness/webhook-receiver.ts";

const hour = 3_600_000;
const good = (name: string) => ({ "app.json": JSON.stringify({ name }), Procfile: "web: node server.js" });
const bad = { "app.json": '{\n  "name": "Shop",\n  "env": "all of them"\n}', Procfile: "web: node server.js" };
const address: Address = { host: "github.com", owner: "Acme", repo: "Shop", path: "" };

let time: number;
let fake: Awaited<ReturnType<typeof fakeGitHub>>;
let there: Awaited<ReturnType<typeof createWebhookReceiver>>;
const now = () => time;

beforeEach(async () => {
  // The receiver's library compares with the real clock.
  time = Date.now();
  fake = await fakeGitHub({ repos: { "Acme/Shop": { files: good("Shop") }, "acme/never": { files: bad } }, now });
  there = await createWebhookReceiver();
});
afterEach(async () => {
  there.close();
  await fake.close();
});

/** Slipway with that GitHub; `db` is what an earlier one wrote. */
function slipway({ token = "good-token" as string | undefined, db = openDb(":memory:") } = {}) {
  const remote = githubRepositories({ apiUrl: fake.url, token, fetch, cache: storedResponses(db, now), now });
  return createTestApp({ github: remote, now: () => new Date(time), db });
}
type House = ReturnType<typeof slipway>;

const wanted = ["manifest.broken", "manifest.fixed"];
function listen({ slipway }: House, types = wanted, repo = "github.com/acme/shop") {
  const added = slipway.webhooks.add(repo, { url: there.url, types });
  if (!added.ok) throw new Error("not added");
  return added.value;
}
const told = async ({ slipway }: House) => {
  slipway.webhooks.tick();
  await slipway.webhooks.idle();
  return there.all.map(({ type, data }) => [type, data.commit]);
};
/** Long enough that an answer from before is asked for anew. */
const pass = (milliseconds = 60_000) => {
  time += milliseconds;
};
const page = async ({ get }: House, path = "/github.com/acme/shop") => {
  const answer = await get(path);
  return { status: answer.status, text: await answer.text() };
};
const badge = async ({ get }: House, query = "") => (await get(`/github.com/acme/shop/badge.svg${query}`)).text();
const nameOf = (svg: string) => svg.match(/<title>(.*?)<\/title>/)?.[1];

describe("when visitors come", () => {
  test("a manifest that stops being readable is told once, and once when it is mended", async () => {
    const house = slipway();
    const { secret } = listen(house);
    const first = fake.commit("acme/shop");
    expect((await page(house)).status).toBe(200);
    const broken = fake.push("acme/shop", bad);
    pass();
    for (let n = 0; n < 3; n++) expect((await page(house)).status).toBe(422);
    fake.push("acme/shop", { ...bad, "README.md": "still broken" });
    pass();
    expect((await page(house)).status).toBe(422);
    expect(await told(house)).toEqual([["manifest.broken", broken]]);
    expect(there.verify(there.all[0] as Received, secret)).toMatchObject({
      data: {
        repo: "github.com/Acme/Shop",
        commit: broken,
        good: first,
        problem: "app.json:3:10: `env` is text where an object belongs.",
      },
    });
    const mended = fake.push("acme/shop", good("Shop"));
    pass();
    for (let n = 0; n < 3; n++) expect((await page(house)).status).toBe(200);
    expect(await told(house)).toEqual([
      ["manifest.broken", broken],
      ["manifest.fixed", mended],
    ]);
    const again = fake.push("acme/shop", bad);
    pass();
    await page(house);
    expect((await told(house)).at(-1)).toEqual(["manifest.broken", again]);
    expect(house.bugs).toEqual([]);
  });

  test("the page says since when, names the commits, and leads to the last good one", async () => {
    const house = slipway();
    const first = fake.commit("acme/shop");
    await page(house);
    const broken = fake.push("acme/shop", bad);
    pass();
    const { text } = await page(house);
    expect(text).toContain("This repository can't be deployed right now</h1>");
    expect(text).toContain("We read <code>app.json</code>.");
    const [box = ""] = text.match(/<div class="box" data-kind="warn" id="lapse">[\s\S]*?<\/div>/) ?? [];
    expect(box).toContain(`<code>${first.slice(0, 7)}</code>`);
    expect(box).toContain(`<code>${broken.slice(0, 7)}</code>`);
    expect(box).toContain(new Date(time).toISOString().slice(11, 16));
    expect(box).toContain('href="/github.com/acme/shop/manifest"');
    expect(box).toContain(`href="https://github.com/acme/shop/compare/${first}...${broken}"`);
    const link = box.match(/href="([^"]*\?ref=[^"]*)"/)?.[1] ?? "";
    expect(link).toBe(`/github.com/acme/shop?ref=${first}`);
    const last = await page(house, link);
    expect([last.status, last.text.includes("Deploy Shop")]).toEqual([200, true]);
  });

  test("the badge keeps its words and its size, and tells by colour and name", async () => {
    const house = slipway();
    const queries = ["", "?style=flat", "?style=for-the-badge&cloud=aws", "?count=true", "?label=Try+it"];
    const read = (svg: string) => [svg.match(/width="(\d+)"/)?.[1], svg.match(/<text.*?<\/text>/g)?.length];
    const before = await Promise.all(queries.map((query) => badge(house, query)));
    fake.push("acme/shop", bad);
    pass();
    const after = await Promise.all(queries.map((query) => badge(house, query)));
    expect(after.map(read)).toEqual(before.map(read));
    for (const [n, svg] of after.entries()) {
      expect(svg).not.toBe(before[n]);
      expect(nameOf(svg)).toBe(`${nameOf(before[n] ?? "")} (manifest needs mending)`);
    }
    fake.push("acme/shop", good("Shop"));
    pass();
    expect(await badge(house)).toBe(before[0]);
  });

  test("what never could be deployed, and what an address asks for, is not watched", async () => {
    const house = slipway();
    listen(house);
    listen(house, wanted, "github.com/acme/never");
    await page(house);
    fake.push("acme/shop", bad, "next");
    expect((await page(house, "/github.com/acme/shop?ref=next")).status).toBe(422);
    expect((await page(house, "/github.com/acme/shop?path=nothing")).status).toBe(404);
    const never = await page(house, "/github.com/acme/never");
    expect([never.status, never.text.includes("An earlier commit")]).toEqual([422, false]);
    expect(nameOf(await badge(house, "?ref=next"))).toBe("Deploy: manifest needs mending");
    expect(await told(house)).toEqual([]);
  });

  test("a branch that breaks behind a release that does not is nobody's trouble", async () => {
    fake.add("acme/released", { files: good("Next"), tags: { v1: good("One") }, release: "v1" });
    const house = slipway();
    listen(house, wanted, "github.com/acme/released");
    await page(house, "/github.com/acme/released");
    fake.push("acme/released", bad);
    pass();
    expect((await page(house, "/github.com/acme/released")).text).toContain("Deploy One");
    expect(await told(house)).toEqual([]);
  });

  test("a new process remembers, and tells nothing twice", async () => {
    const house = slipway();
    listen(house);
    await page(house);
    const broken = fake.push("acme/shop", bad);
    pass();
    await page(house);
    const next = slipway({ db: house.db });
    pass();
    expect((await page(next)).text).toContain("An earlier commit can be deployed.");
    expect(nameOf(await badge(next))).toContain("(manifest needs mending)");
    expect(await told(next)).toEqual([["manifest.broken", broken]]);
  });

  test("a webhook that does not want to know is not told", async () => {
    const house = slipway();
    listen(house, ["deployment.failed"]);
    await page(house);
    fake.push("acme/shop", bad);
    pass();
    await page(house);
    expect(await told(house)).toEqual([]);
  });
});

describe("by itself", () => {
  test("it looks at repositories that a webhook wants to hear of, about once an hour", async () => {
    const house = slipway();
    listen(house);
    await house.watcher.round();
    const asked = fake.asked.length;
    expect(asked).toBeGreaterThan(0);
    for (let minutes = 0; minutes < 55; minutes++) {
      pass();
      await house.watcher.round();
    }
    expect(fake.asked).toHaveLength(asked);
    const broken = fake.push("acme/shop", bad);
    for (let minutes = 0; minutes < 20; minutes++) {
      pass();
      await house.watcher.round();
    }
    expect(await told(house)).toEqual([["manifest.broken", broken]]);
  });

  test("where nothing has changed it costs none of GitHub's limit", async () => {
    const house = slipway();
    listen(house);
    await house.watcher.round();
    // That there is no release is asked in a way that costs nothing from the second time on.
    pass(1.3 * hour);
    await house.watcher.round();
    const used = fake.used("good-token");
    for (let n = 0; n < 24; n++) {
      pass(1.3 * hour);
      await house.watcher.round();
    }
    expect(fake.used("good-token")).toBe(used);
    expect(fake.asked.filter(({ status }) => status === 304).length).toBeGreaterThanOrEqual(48);
  });

  test("nobody's repository is looked at unless a webhook that is on asks for it", async () => {
    const house = slipway();
    await page(house);
    const { webhook } = listen(house);
    house.slipway.webhooks.switch(webhook, false);
    listen(house, ["deployment.failed"], "github.com/acme/never");
    const asked = fake.asked.length;
    pass(2 * hour);
    await house.watcher.round();
    expect(fake.asked).toHaveLength(asked);
  });

  test("a round is a few looks, and ends when GitHub's rate limit is reached", async () => {
    for (let n = 0; n < 10; n++) fake.add(`acme/shop${n}`, { files: good(`Shop ${n}`) });
    const house = slipway();
    for (let n = 0; n < 10; n++) listen(house, wanted, `github.com/acme/shop${n}`);
    await house.watcher.round();
    const looked = () => new Set(fake.asked.map(({ path }) => path.split("/")[3])).size;
    expect(looked()).toBe(4);
    fake.misbehave(() => secondaryLimit(429));
    pass();
    const before = fake.asked.length;
    await house.watcher.round();
    expect(fake.asked.length - before).toBe(1);
    fake.misbehave();
    for (let n = 0; n < 4; n++) {
      pass(2 * 60_000);
      await house.watcher.round();
    }
    expect(looked()).toBe(10);
    expect(house.bugs).toEqual([]);
  });

  test("without a token it checks once a day at most, and uses a small part of the sixty requests", async () => {
    const house = slipway({ token: undefined });
    for (let n = 0; n < 30; n++) {
      fake.add(`acme/shop${n}`, { files: good(`Shop ${n}`) });
      listen(house, wanted, `github.com/acme/shop${n}`);
    }
    const remote = githubRepositories({ apiUrl: fake.url, fetch, cache: storedResponses(house.db, now), now });
    const slow = createWatcher({
      db: house.db,
      inspect: createInspector({ open: remote.open }),
      schedule: schedules.without,
      now: () => new Date(time),
      random: (n) => new Uint8Array(n),
      log: (_, error) => house.bugs.push(error),
    });
    for (let passed = 0; passed < hour; passed += schedules.without.roundMs) {
      await slow.round();
      pass(schedules.without.roundMs);
    }
    // The first look at each reads its files, too.
    expect(fake.used()).toBeLessThanOrEqual(36);
    const names = fake.asked.map(({ path }) => path.split("/")[3] ?? "");
    expect(new Set(names).size).toBe(6);
    expect(house.bugs).toEqual([]);
  });

  test("a repository whose check throws does not block the others", async () => {
    const house = slipway();
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) listen(house, wanted, `github.com/acme/${name}`);
    const asked: string[] = [];
    const logged: unknown[] = [];
    const { round } = createWatcher({
      db: house.db,
      inspect: async ({ repo }) => {
        asked.push(repo);
        throw new Error("a manifest we did not think of");
      },
      schedule: schedules.withToken,
      now: () => new Date(time),
      random: (n) => new Uint8Array(n),
      log: (_, error) => logged.push(error),
    });
    await round();
    await round();
    expect(asked.toSorted()).toEqual(names);
    expect(logged).toHaveLength(names.length);
  });

  test("a branch that returns to a broken commit is reported again", async () => {
    const house = slipway();
    listen(house);
    const first = await house.slipway.inspect(address);
    if (!first.ok) throw new Error("not there");
    let look = first;
    const { inspect: watching } = createWatcher({
      db: house.db,
      inspect: async () => look,
      schedule: schedules.withToken,
      now: () => new Date(time),
      random: (n) => new Uint8Array(n),
      log: (_, error) => house.bugs.push(error),
    });
    const broken = {
      ...first,
      snapshot: { ...first.snapshot, commit: "b".repeat(40) },
      reading: { ...first.reading, app: null },
    };
    for (const next of [first, broken, first, broken]) {
      look = next;
      await watching(address);
      pass(1000);
    }
    const types = (await told(house)).map(([type]) => type);
    expect(types).toEqual(["manifest.broken", "manifest.fixed", "manifest.broken"]);
  });

  test("one that has gone is asked for once a day, and not called broken", async () => {
    const house = slipway();
    listen(house);
    await house.watcher.round();
    fake.remove("acme/shop");
    for (let n = 0; n < 20; n++) {
      pass(1.2 * hour);
      await house.watcher.round();
    }
    expect(fake.asked.filter(({ status, path }) => status === 404 && /shop$/i.test(path))).toHaveLength(1);
    expect(await told(house)).toEqual([]);
  });

  test("repositories that are not viewed for long are pruned, unless a webhook subscribes", async () => {
    fake.add("acme/other", { files: good("Other") });
    const house = slipway();
    listen(house);
    await page(house);
    await page(house, "/github.com/acme/other");
    pass(91 * 24 * hour);
    house.watcher.prune();
    const rows = house.db.$client.prepare("select repo from watched").all();
    expect(rows).toEqual([{ repo: "github.com/acme/shop" }]);
  });
});

test("a repository is watched under one name, however it is capitalised", async () => {
  const house = slipway();
  listen(house);
  await house.slipway.inspect(address);
  fake.push("acme/shop", bad);
  pass();
  const look = await house.slipway.inspect({ ...address, owner: "ACME" });
  expect(look).toMatchObject({ ok: true, lapse: { since: new Date(time) } });
});
