import { expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { permissionDenied } from "../../fakes/gcp/errors.ts";
import type { LoggedRequest } from "../../fakes/gcp/gcp.ts";
import { createTestGcp, type TestGcp } from "../../fakes/gcp/test-gcp.ts";
import { example, manifest } from "../aws/templates.ts";
import { type Deployment, logLines } from "../consumer.ts";

const apps = { guestbook: example("guestbook"), discourse: manifest("discourse"), mastodon: manifest("mastodon") };
const refusal = permissionDenied("some.thing.do", "googleapis.com/projects/visitors-project");
const message = `Google says: ${refusal.message}`;

async function withTestGcp<T>(work: (env: TestGcp) => Promise<T>): Promise<T> {
  const env = await createTestGcp();
  try {
    const result = await work(env);
    expect(env.gcp.bugs).toEqual([]);
    return result;
  } finally {
    await env.close();
  }
}

/** Returns the requests of a deployment; of repeated polls only the first. */
function eachOf(requests: LoggedRequest[]): number[] {
  const seen = new Set<string>();
  return requests.flatMap((request, index) => {
    const key = `${request.call} ${request.path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "ID")} ${request.body.slice(0, 200)}`;
    const again = seen.has(key);
    seen.add(key);
    return again ? [] : [index + 1];
  });
}

/** Returns the resources after a deployment, without Google's generated numbers. */
const inventory = (env: TestGcp) =>
  env.inventory().map((name) => name.replace(/GOOG1E\w+/, "KEY").replace(/-[0-9a-f]{5}$/, "-RUN"));

/** Returns what a successful deployment creates, and every request of it that can fail. */
const deployOnce = (app: App) =>
  withTestGcp(async (env) => {
    await env.provision(env.deployment(app));
    return { inventory: inventory(env), fails: eachOf(env.gcp.requests) };
  });

const states = ({ ledger }: Deployment) => [...ledger.values()].map(({ name, state }) => [name, state]);

/** Requests that may fail without consequence: logs and organization policies are optional. */
const isNeeded = (call: string | undefined) => !/^(logging|orgpolicy)\./.test(call ?? "");

test.each(Object.entries(apps))(
  "%s: whichever request is rejected, it fails with Google's message, everything is deleted and a retry succeeds",
  { timeout: 300_000 },
  async (_, app) => {
    const complete = await deployOnce(app);
    expect(complete.fails.length).toBeGreaterThan(40);
    for (const nth of complete.fails)
      await withTestGcp(async (env) => {
        env.gcp.failNth(nth, refusal);
        const deployment = env.deployment(app);
        const state = await env.provision(deployment);
        const { call } = env.gcp.requests[nth - 1] ?? {};
        const label = `request ${nth}, ${call}`;
        if (!isNeeded(call)) {
          expect(state, label).toMatchObject({ state: "succeeded" });
          return;
        }
        expect(state, label).toMatchObject({ state: "failed", error: { message: message } });
        if (state?.state !== "failed") return;
        expect(state.error.next, label).toContain("some.thing.do");
        expect(state.error.next, label).toContain("taken away again");
        expect(env.inventory(), label).toEqual([]);
        const failed = states(deployment).filter(([, state]) => state !== "waiting" && state !== "removed");
        expect(failed, label).toEqual([[state.error.step, "failed"]]);

        expect(await env.retry(deployment), label).toMatchObject({ state: "succeeded" });
        expect(inventory(env).length, label).toBe(complete.inventory.length);
        expect(await env.remove(deployment), label).toEqual({ type: "state", state: "removed" });
        expect(env.inventory(), label).toEqual([]);
      });
  },
);

test.each(Object.entries(apps))(
  "%s: kept after any failure, it resumes from there and creates nothing twice",
  { timeout: 300_000 },
  async (_, app) => {
    const complete = await deployOnce(app);
    for (const nth of complete.fails)
      await withTestGcp(async (env) => {
        env.gcp.failNth(nth, refusal);
        const deployment = env.deployment(app, { keep: "yes" });
        const state = await env.provision(deployment);
        const { call } = env.gcp.requests[nth - 1] ?? {};
        const label = `request ${nth}, ${call}`;
        if (!isNeeded(call)) return;
        expect(state, label).toMatchObject({ state: "failed", error: { next: expect.stringContaining("is kept") } });
        const before = env.gcp.requests.length;
        expect(await env.retry(deployment), label).toMatchObject({ state: "succeeded" });
        expect(inventory(env), label).toEqual(complete.inventory);
        const removals = env.gcp.requests.slice(before).filter(({ call }) => /\.delete$/.test(call));
        expect(
          removals.filter(({ call }) => !/hmacKeys/.test(call)),
          label,
        ).toEqual([]);
        expect(logLines(deployment).join(), label).not.toContain("ya29.");
      });
  },
);

test("whichever request of the removal is rejected too, the leftovers are named and removed later", {
  timeout: 300_000,
}, async () => {
  const app = apps.guestbook;
  const count = await withTestGcp(async (env) => {
    env.gcp.google.scenario.jobs.set("release", 1);
    await env.provision(env.deployment(app));
    return eachOf(env.gcp.requests).filter((nth) => /delete|setIamPolicy/.test(env.gcp.requests[nth - 1]?.call ?? ""));
  });
  expect(count.length).toBeGreaterThan(10);
  let namedCount = 0;
  for (const nth of count)
    await withTestGcp(async (env) => {
      env.gcp.google.scenario.jobs.set("release", 1);
      env.gcp.failNth(nth, refusal);
      const deployment = env.deployment(app);
      const state = await env.provision(deployment);
      expect(state?.state).toBe("failed");
      if (state?.state !== "failed") return;
      if (env.inventory().length > 0) {
        namedCount++;
        expect(state.error.next).toMatch(/Left in visitors-project, and perhaps at a cost/);
      }
      expect(await env.remove(deployment)).toEqual({ type: "state", state: "removed" });
      expect(env.inventory()).toEqual([]);
      // Once more, in case the button is pressed twice.
      expect(await env.remove(deployment)).toEqual({ type: "state", state: "removed" });
    });
  expect(namedCount).toBeGreaterThan(5);
});
