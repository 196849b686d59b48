import { afterAll, expect, test } from "vitest";
import { createDataDir, freePort, serve } from "../harness/server.ts";
import { appsFolder } from "../harness/test-app.ts";

const { dataDir, dispose } = createDataDir();
afterAll(dispose);

type Numbers = { totals: Record<string, number> };

test("killed, it loses no start or outcome, and at most a second of badge loads", {
  timeout: 120_000,
}, async () => {
  const port = await freePort();
  const apps = appsFolder({
    good: { "index.html": "good", "app.json": '{"name":"Good"}' },
    bad: { "app.json": JSON.stringify({ name: "Bad", cloud: { build: { command: null, publish: "nowhere" } } }) },
  });
  const start = () => serve({ port, dataDir, env: { LOCAL_REPOS: apps } });
  const of = async (origin: string, repo: string) =>
    ((await (await fetch(`${origin}/local/apps/${repo}/stats.json`)).json()) as Numbers).totals;
  const json = { "content-type": "application/json", accept: "application/json" };
  const order = async (origin: string, repo: string) => {
    const body = JSON.stringify({ repo: `local/apps/${repo}`, cloud: "local" });
    const answer = await fetch(`${origin}/deployments`, { method: "POST", headers: json, body });
    return ((await answer.json()) as { id: string }).id;
  };
  const isOver = async (origin: string, id: string) =>
    ["succeeded", "failed"].includes(
      ((await (await fetch(`${origin}/deployments/${id}`, { headers: json })).json()) as { state: string }).state,
    );

  let server = await start();
  const loads: number[] = [];
  const started: { id: string; repo: string }[] = [];
  let sent = 0;
  let isDead = false;
  const loading = Array.from({ length: 8 }, async (_, worker) => {
    for (let n = 0; !isDead; n++) {
      const headers = { "user-agent": "github-camo (1)", "x-forwarded-for": `203.0.${worker}.${n % 250}` };
      const answer = await fetch(`${server.origin}/local/apps/good/badge.svg`, { headers }).catch(() => null);
      if (answer?.ok) loads.push(performance.now());
      await answer?.text().catch(() => "");
    }
  });
  const ordering = (async () => {
    for (let n = 0; !isDead; n++) {
      const repo = n % 2 ? "bad" : "good";
      sent++;
      const id = await order(server.origin, repo).catch(() => null);
      if (id) started.push({ id, repo });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  })();
  // In the middle of it all: some have ended, others have just begun.
  const over = async () =>
    (await Promise.all(started.map(({ id }) => isOver(server.origin, id)))).filter(Boolean).length;
  const began = performance.now();
  const isEarly = () => performance.now() - began < 5000;
  while (isEarly() || started.length < 6 || (await over()) < 3) await new Promise((resolve) => setTimeout(resolve, 50));
  const badgeUrls = [await of(server.origin, "good"), await of(server.origin, "bad")];
  const killing = performance.now();
  await server.end("SIGKILL");
  isDead = true;
  await Promise.all([...loading, ordering]);

  server = await start();
  const [good, bad] = [await of(server.origin, "good"), await of(server.origin, "bad")];
  const counted = (good.badge ?? 0) + (good.ignoredBadge ?? 0);
  // On a busy machine the server comes late to its own second.
  expect(counted).toBeGreaterThanOrEqual(loads.filter((at) => at < killing - 3500).length);
  expect(counted).toBeLessThanOrEqual(loads.length + 8);
  expect(loads.length).toBeGreaterThan(100);
  const starts = (good.start ?? 0) + (bad.start ?? 0);
  expect(starts).toBeGreaterThanOrEqual(started.length);
  expect(starts).toBeLessThanOrEqual(sent);
  for (const [n, now] of [good, bad].entries())
    for (const what of ["start", "success", "failure"])
      expect(now[what]).toBeGreaterThanOrEqual(badgeUrls[n]?.[what] ?? 0);

  // The rest goes on, and in the end each has ended once.
  while ((await over()) < started.length) await new Promise((resolve) => setTimeout(resolve, 50));
  const [atLast, failed] = [await of(server.origin, "good"), await of(server.origin, "bad")];
  expect(atLast).toMatchObject({ success: atLast.start, failure: 0 });
  expect(failed).toMatchObject({ success: 0, failure: failed.start });
  for (const { id } of started)
    await fetch(`${server.origin}/deployments/${id}/removal`, { method: "POST", headers: json });
  const isGone = async (id: string) =>
    ((await (await fetch(`${server.origin}/deployments/${id}`, { headers: json })).json()) as { state: string })
      .state === "removed";
  for (const { id } of started) while (!(await isGone(id))) await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await of(server.origin, "good")).removal).toBe(started.filter(({ repo }) => repo === "good").length);
  await server.end();
});
