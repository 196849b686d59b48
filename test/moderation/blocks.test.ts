import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBadgeCache } from "../../routes/badges/badge-cache.ts";
import { drawBadge } from "../../routes/badges/badges.ts";
import { OperatorTwin } from "../../routes/openapi/maintainer-schemas.ts";
import { Problems } from "../../routes/openapi/schemas.ts";
import { storedBlocks } from "../../src/data/store/blocks.ts";
import { parseBlockTarget } from "../../src/moderation/block-target.ts";
import { createScriptedCloud } from "../harness/scripted-cloud.ts";
import { createTestAppWithGitHub } from "../harness/signed-in.ts";
import { createTestApp, origin } from "../harness/test-app.ts";

const hour = 3_600_000;
const files = { "app.json": '{"name":"Shop"}', Procfile: "web: x" };
let here: Awaited<ReturnType<typeof createTestAppWithGitHub>>;
let root: ReturnType<typeof here.browser>;
beforeAll(async () => {
  here = await createTestAppWithGitHub({
    repos: Object.fromEntries(
      ["acme/shop", "acme/other", "evil/miner", "acme/quiet", "acme/often", "acme/again", "acme/real"]
        .concat(Array.from({ length: 100 }, (_, n) => `acme/r${n}`))
        .map((repo) => [repo, { files }]),
    ),
    users: { root: { id: 1 }, ada: { id: 7, push: ["acme/shop"] } },
    operators: ["root"],
  });
  root = here.browser();
  await root.signIn("root");
});
afterAll(() => here.close());

const text = async (answer: Response | Promise<Response>) => (await (await answer).text()).replace(/\s+/g, " ");
const report = (repo: string, fields: Record<string, string>) =>
  here.browser().post(`/github.com/${repo}/report`, fields);
const overview = async () => OperatorTwin.parse(await (await root.getJson("/operator")).json());

describe("a report", () => {
  test("is asked for on every page of a repository, and comes to the operator as it is", async () => {
    expect(await text(here.get("/github.com/acme/shop"))).toContain(
      'href="/github.com/acme/shop/report" rel="nofollow"',
    );
    expect((await here.get("/github.com/acme/shop/report")).status).toBe(200);
    const sent = await report("Acme/Shop", {
      reason: "harm",
      text: ' Mines <b>coins</b>\u202e\u0000.\r\nSee "run.sh". ',
    });
    expect(sent.headers.get("location")).toBe("/github.com/Acme/Shop/report?sent");
    expect(await text(here.get("/github.com/Acme/Shop/report?sent"))).toContain("Thank you");
    expect((await overview()).reported).toEqual([
      {
        repo: "github.com/acme/shop",
        reports: [
          {
            reason: "It harms whoever runs it, or others",
            text: 'Mines <b>coins</b>.\nSee "run.sh".',
            at: "2026-11-22T12:00:00.000Z",
          },
        ],
      },
    ]);
    expect(await text(root.get("/operator"))).toContain("Mines &lt;b&gt;coins");
  });

  test("says nothing about who sent it: no address, no browser, no session", async () => {
    const ada = here.browser();
    await ada.signIn("ada");
    await ada.post(
      "/github.com/acme/quiet/report",
      { reason: "deceit" },
      { "x-forwarded-for": "192.0.2.7", "user-agent": "Brow" },
    );
    const row = here.db.$client.prepare("SELECT * FROM reports WHERE repo = 'github.com/acme/quiet'").get();
    expect(row).toEqual({
      id: 2,
      repo: "github.com/acme/quiet",
      reason: "deceit",
      text: "",
      at: expect.any(Number),
      closed: null,
    });
    await root.post("/operator/reports/closing", { repo: "github.com/acme/quiet" });
  });

  test("needs a reason from the list, and is no longer than it may be", async () => {
    for (const wrong of [{}, { reason: "none" }, { reason: "other" }, { reason: "harm", text: "x".repeat(2001) }]) {
      const answer = await report("acme/shop", wrong as Record<string, string>);
      expect([wrong, answer.status]).toEqual([wrong, 422]);
    }
    const json = await here.postJson("/github.com/acme/shop/report", { reason: 7, text: {} });
    expect(Problems.parse(await json.json()).problems).toHaveLength(1);
    expect((await report("acme/shop", { reason: "harm", text: "x".repeat(40_000) })).status).toBe(413);
    expect((await report("-/shop", { reason: "harm" })).status).toBe(400);
    expect((await overview()).reported).toHaveLength(1);
  });

  test("beyond the useful number is acknowledged and not stored; floods are rejected", async () => {
    here.pass(hour);
    for (let sent = 0; sent < 8; sent++) expect((await report("acme/often", { reason: "terms" })).status).toBe(303);
    const often = async () => (await overview()).reported.find(({ repo }) => repo === "github.com/acme/often")?.reports;
    expect(await often()).toHaveLength(5);
    const answers = new Set<number>();
    for (let sent = 0; sent < 100; sent++) answers.add((await report(`acme/r${sent}`, { reason: "theft" })).status);
    expect(answers).toEqual(new Set([303, 429]));
    here.pass(hour);
    expect((await report("acme/again", { reason: "theft" })).status).toBe(303);
    for (let hours = 0; hours < 30; hours++) {
      here.pass(hour);
      for (let sent = 0; sent < 100; sent++)
        here.slipway.reports.submit(`github.com/acme/made-up${sent}`, { reason: "theft", text: "" });
    }
    expect(here.db.$client.prepare("SELECT count(*) FROM reports WHERE closed IS NULL").pluck().get()).toBe(2000);
    while ((await overview()).reported.length > 0)
      for (const { repo } of (await overview()).reported) here.slipway.reports.close(repo);
    here.pass(hour);
    expect((await report("acme/real", { reason: "theft" })).status).toBe(303);
    for (const { repo } of (await overview()).reported) await root.post("/operator/reports/closing", { repo });
    expect((await overview()).reported).toEqual([]);
    here.pass(91 * 24 * hour);
    here.slipway.reports.prune();
    expect(here.db.$client.prepare("SELECT * FROM reports").all()).toEqual([]);
    root = here.browser();
    await root.signIn("root");
  });

  test("from one network counts five times an hour and twice for a repository, so that no one silences the others", async () => {
    here.pass(hour);
    const from = (network: string, repo: string) =>
      here.app.request(
        `${origin}/github.com/acme/${repo}/report`,
        {
          method: "POST",
          body: "reason=harm",
          headers: { "content-type": "application/x-www-form-urlencoded", origin, accept: "text/html" },
        },
        { incoming: { headers: {}, socket: { remoteAddress: network } } },
      );
    const statuses = async (network: string, repos: string[]) => {
      const all: number[] = [];
      for (const repo of repos) all.push((await from(network, repo)).status);
      return all;
    };
    const names = (count: number) => Array.from({ length: count }, (_, n) => `r${n}`);
    expect(await statuses("192.0.2.1", ["shop", "shop", "shop", "often", "quiet", "again", "real"])).toEqual([
      ...[303, 303, 429, 303, 303, 303, 429],
    ]);
    expect(await statuses("2001:db8::1", names(5))).toEqual([303, 303, 303, 303, 303]);
    expect(await statuses("2001:db8::2", ["r9"])).toEqual([429]);
    expect(await statuses("192.0.2.2", ["real"])).toEqual([303]);
    here.pass(hour);
    expect(await statuses("192.0.2.1", ["shop"])).toEqual([303]);
    root = here.browser();
    await root.signIn("root");
  });

  test("is about a repository that exists: an invented name takes nothing from the limits", async () => {
    here.pass(hour);
    const before = (await overview()).reported.length;
    for (let n = 0; n < 110; n++) expect((await report(`acme/invented${n}`, { reason: "harm" })).status).toBe(404);
    expect((await overview()).reported).toHaveLength(before);
    expect((await report("acme/real", { reason: "harm" })).status).toBe(303);
  });

  test("is put aside with all others that the operator has seen, not with later ones", async () => {
    await report("acme/other", { reason: "harm" });
    const { through } = await overview();
    expect(await text(root.get("/operator"))).toContain(`name="through" value="${through}"`);
    await report("acme/again", { reason: "harm" });
    await root.post("/operator/reports/closing", { through: String(through) });
    expect((await overview()).reported.map(({ repo }) => repo)).toEqual(["github.com/acme/again"]);
    await root.post("/operator/reports/closing", { repo: "github.com/acme/again" });
    expect(await overview()).toMatchObject({ through: null, reported: [] });
  });
});

describe("a blocked repository", () => {
  const page = "/github.com/evil/miner";
  const order = { repo: "github.com/evil/miner", cloud: "script" };
  const badge = async (path = page) => (await text(here.get(`${path}/badge.svg`))).match(/<title>(.*?)<\/title>/)?.[1];

  test("says so with the reason on its badge, its page and its twin, and takes no order", async () => {
    expect(await badge()).toBe("Deploy to your cloud");
    const blocked = await root.post("/operator/blocks", {
      name: "https://github.com/Evil/Miner",
      reason: "It <mines> coins.",
    });
    expect(blocked.headers.get("location")).toBe("/operator");
    expect(await badge()).toBe("Deploy: blocked");
    for (const path of [
      page,
      `${page}/script`,
      `${page}/script/stack`,
      `${page}/manifest`,
      `${page}/badge`,
      "/github.com/EVIL/miner",
    ]) {
      const closed = await here.get(path);
      expect([path, closed.status]).toEqual([path, 403]);
      expect(await closed.text()).toContain("It &lt;mines&gt; coins.");
    }
    expect(await (await here.getJson(page)).json()).toMatchObject({
      problems: [{ message: "Whoever runs this Slipway has blocked evil/miner: It <mines> coins." }],
    });
    expect((await here.postJson("/deployments", order)).status).toBe(403);
    expect((await here.postForm("/deployments", order)).status).toBe(403);
    expect((await here.get("/github.com/acme/shop")).status).toBe(200);
    expect((await overview()).blocks).toMatchObject([{ name: "github.com/evil/miner", by: "root" }]);
  });

  test("is as it was once it is unblocked", async () => {
    await root.post("/operator/blocks/removal", { name: "github.com/evil/miner" });
    expect(await badge()).toBe("Deploy to your cloud");
    expect((await here.postJson("/deployments", order)).status).toBe(201);
  });

  test("may be everything of an owner", async () => {
    await report("acme/other", { reason: "terms" });
    await root.post("/operator/blocks", { name: "acme", reason: "Spam." });
    expect((await here.get("/github.com/Acme/shop")).status).toBe(403);
    expect((await here.get("/github.com/acme/other")).status).toBe(403);
    expect((await here.get(page)).status).toBe(200);
    expect((await overview()).reported).toEqual([]);
    await root.post("/operator/blocks/removal", { name: "github.com/acme" });
    expect((await here.get("/github.com/acme/shop")).status).toBe(200);
  });

  test("shows on a badge in memory a minute later", async () => {
    let time = 0;
    const { slipway } = here;
    const warm = createBadgeCache({ render: drawBadge(slipway), record: () => {}, now: () => time });
    const load = () =>
      new Promise<string>((resolve) => {
        const response = { writeHead: () => response, end: (body: string) => resolve(body) };
        warm({ method: "GET", url: `${page}/badge.svg`, headers: {} } as never, response as never);
      });
    await load();
    await root.post("/operator/blocks", { name: "evil/miner", reason: "Coins." });
    expect(await load()).not.toContain("blocked");
    time += 61_000;
    await load();
    await expect.poll(load).toContain("blocked");
    await root.post("/operator/blocks/removal", { name: "evil/miner" });
  });

  test("leaves what is deployed running and removable, and lets nothing failed be tried again", async () => {
    const failing = createScriptedCloud(async function* () {
      yield { type: "state", state: "failed", error: { message: "no", next: "again", step: "web" } };
    });
    const home = createTestApp({ repos: { hello: files }, cloud: failing });
    const { id } = (await (
      await home.postJson("/deployments", { repo: "local/apps/hello", cloud: "script" })
    ).json()) as {
      id: string;
    };
    await expect.poll(() => home.slipway.deployments.find(id)?.state).toBe("failed");
    await home.postForm("/operator/blocks", { name: "local/apps/hello", reason: "No." });
    expect((await home.postJson(`/deployments/${id}/retry`, {})).status).toBe(403);
    expect((await home.get(`/deployments/${id}`)).status).toBe(200);
    expect((await home.postJson(`/deployments/${id}/removal`, {})).status).toBe(202);
  });
});

describe("the operator's page", () => {
  test("is for those that OPERATORS names, as GitHub knows them now", async () => {
    expect((await here.browser().get("/operator")).status).toBe(401);
    const unknown = await here.browser().post("/operator/blocks", { name: "acme/shop", reason: "x" });
    expect(unknown.status).toBe(401);
    expect(await text(unknown)).toContain('href="/sign-in?to=%2Foperator"');
    const ada = here.browser();
    await ada.signIn("ada");
    const other = await ada.get("/operator");
    expect(other.status).toBe(403);
    expect(await text(other)).toContain("ada is not an operator of this server");
    expect((await ada.post("/operator/blocks", { name: "acme/shop", reason: "x" })).status).toBe(403);
    expect(
      (await root.post("/operator/blocks", { name: "acme/shop", reason: "x" }, { origin: "https://evil.example" }))
        .status,
    ).toBe(403);
    expect((await overview()).blocks).toEqual([]);
  });

  test("is closed to who takes over the login of an operator, and to the operator under another", async () => {
    here.fake.person("ops", { id: 50 });
    const mine = await createTestAppWithGitHub({ users: { ops: { id: 50 } }, operators: ["ops"] });
    const ops = mine.browser();
    await ops.signIn("ops");
    expect((await ops.get("/operator")).status).toBe(200);
    mine.fake.renamePerson("ops", "was-ops");
    mine.pass(hour);
    expect((await ops.get("/operator")).status).toBe(403);
    await mine.close();
  });

  test("on a machine for one alone belongs to who is at it, until people can sign in", async () => {
    const alone = createTestApp({ repos: { hello: files } });
    expect((await alone.get("/operator")).status).toBe(200);
    const open = createTestApp({ config: { origin: "https://slipway.example" } });
    expect((await open.app.request("https://slipway.example/operator")).status).toBe(403);
    expect((await here.get("/operator")).status).toBe(401);
  });

  test("wants a name and a reason", async () => {
    for (const wrong of [
      { name: "", reason: "x" },
      { name: "acme/shop", reason: " " },
      { name: "a/b", reason: "x".repeat(301) },
      {},
    ]) {
      const answer = await root.post("/operator/blocks", wrong as Record<string, string>);
      expect([wrong, answer.status]).toEqual([wrong, 422]);
      expect(await text(answer)).toContain("Nothing was changed.");
    }
    expect((await overview()).blocks).toEqual([]);
  });
});

test("the block list outlives the process", () => {
  const { db } = createTestApp();
  storedBlocks(db).put({ name: "github.com/evil", reason: "Spam.", by: "root", at: new Date(0) });
  storedBlocks(db).put({ name: "github.com/evil", reason: "More spam.", by: "root", at: new Date(1) });
  const again = storedBlocks(db);
  expect(again.of("github.com/Evil/any")).toMatchObject({ reason: "More spam." });
  expect(again.of("github.com/evil2/any")).toBeUndefined();
  again.remove("github.com/evil");
  expect(storedBlocks(db).all()).toEqual([]);
});

test.each([
  ["Evil", "github.com/evil"],
  ["github.com/Evil/", "github.com/evil"],
  ["https://github.com/Evil", "github.com/evil"],
  ["evil/Miner.git", "github.com/evil/miner"],
  ["https://github.com/evil/miner/tree/main", "github.com/evil/miner"],
  ["local/apps/hello", "local/apps/hello"],
])("%s blocks %s", (text, name) => {
  expect(parseBlockTarget(text)).toEqual({ ok: true, value: name });
});
test.each(["", "https://gitlab.com/a/b", "a b", "-", "../.."])("%j blocks nothing", (text) => {
  expect(parseBlockTarget(text).ok).toBe(false);
});
