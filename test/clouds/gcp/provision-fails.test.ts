import { expect, test } from "vitest";
import type { App } from "../../../src/app.ts";
import { permissionDenied } from "../../fakes/gcp/errors.ts";
import type { LoggedRequest } from "../../fakes/gcp/gcp.ts";
import { createTestGcp, type TestGcp } from "../../fakes/gcp/test-gcp.ts";
import { example, manifest } from "../aws/templates.ts";
import { type Deployment, logLines } from "../consumer.ts";

const apps = { guestbook: example("guestbook"), discourse: manifest("discourse"), mastodon: manifest("mastodon") };
const refusal = permissionDenied("some.thing.do", "googleapis.com/projects/visitors-project");
const words = `Google says: ${refusal.message}`;

async function visiting<T>(work: (here: TestGcp) => Promise<T>): Promise<T> {
  const here = await createTestGcp();
  try {
    const result = await work(here);
    expect(here.gcp.bugs).toEqual([]);
    return result;
  } finally {
    await here.close();
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
const inventory = (here: TestGcp) =>
  here.inventory().map((one) => one.replace(/GOOG1E\w+/, "KEY").replace(/-[0-9a-f]{5}$/, "-RUN"));

/** Returns what a successful deployment creates, and every request of it that can fail. */
const clean = (app: App) =>
  visiting(async (here) => {
    await here.provision(here.deployment(app));
    return { inventory: inventory(here), fails: eachOf(here.gcp.requests) };
  });

const states = ({ ledger }: Deployment) => [...ledger.values()].map(({ name, state }) => [name, state]);

/** Requests that may fail without consequence: logs and organization policies are optional. */
const isNeeded = (call: string | undefined) => !/^(logging|orgpolicy)\./.test(call ?? "");

test.each(Object.entries(apps))(
  "%s: whichever request is rejected, it fails with Google's message, everything is deleted and a retry succeeds",
  { timeout: 300_000 },
  async (_, app) => {
    const whole = await clean(app);
    expect(whole.fails.length).toBeGreaterThan(40);
    for (const nth of whole.fails)
      await visiting(async (here) => {
        here.gcp.failNth(nth, refusal);
        const deployment = here.deployment(app);
        const state = await here.provision(deployment);
        const { call } = here.gcp.requests[nth - 1] ?? {};
        const what = `request ${nth}, ${call}`;
        if (!isNeeded(call)) {
          expect(state, what).toMatchObject({ state: "succeeded" });
          return;
        }
        expect(state, what).toMatchObject({ state: "failed", error: { message: words } });
        if (state?.state !== "failed") return;
        expect(state.error.next, what).toContain("some.thing.do");
        expect(state.error.next, what).toContain("taken away again");
        expect(here.inventory(), what).toEqual([]);
        const failed = states(deployment).filter(([, state]) => state !== "waiting" && state !== "removed");
        expect(failed, what).toEqual([[state.error.step, "failed"]]);

        expect(await here.retry(deployment), what).toMatchObject({ state: "succeeded" });
        expect(inventory(here).length, what).toBe(whole.inventory.length);
        expect(await here.remove(deployment), what).toEqual({ type: "state", state: "removed" });
        expect(here.inventory(), what).toEqual([]);
      });
  },
);

test.each(Object.entries(apps))(
  "%s: kept after any failure, it resumes from there and creates nothing twice",
  { timeout: 300_000 },
  async (_, app) => {
    const whole = await clean(app);
    for (const nth of whole.fails)
      await visiting(async (here) => {
        here.gcp.failNth(nth, refusal);
        const deployment = here.deployment(app, { keep: "yes" });
        const state = await here.provision(deployment);
        const { call } = here.gcp.requests[nth - 1] ?? {};
        const what = `request ${nth}, ${call}`;
        if (!isNeeded(call)) return;
        expect(state, what).toMatchObject({ state: "failed", error: { next: expect.stringContaining("is kept") } });
        const before = here.gcp.requests.length;
        expect(await here.retry(deployment), what).toMatchObject({ state: "succeeded" });
        expect(inventory(here), what).toEqual(whole.inventory);
        const removals = here.gcp.requests.slice(before).filter(({ call }) => /\.delete$/.test(call));
        expect(
          removals.filter(({ call }) => !/hmacKeys/.test(call)),
          what,
        ).toEqual([]);
        expect(logLines(deployment).join(), what).not.toContain("ya29.");
      });
  },
);

test("whichever request of the removal is rejected too, the leftovers are named and removed later", {
  timeout: 300_000,
}, async () => {
  const app = apps.guestbook;
  const count = await visiting(async (here) => {
    here.gcp.google.scenario.jobs.set("release", 1);
    await here.provision(here.deployment(app));
    return eachOf(here.gcp.requests).filter((nth) =>
      /delete|setIamPolicy/.test(here.gcp.requests[nth - 1]?.call ?? ""),
    );
  });
  expect(count.length).toBeGreaterThan(10);
  let named = 0;
  for (const nth of count)
    await visiting(async (here) => {
      here.gcp.google.scenario.jobs.set("release", 1);
      here.gcp.failNth(nth, refusal);
      const deployment = here.deployment(app);
      const state = await here.provision(deployment);
      expect(state?.state).toBe("failed");
      if (state?.state !== "failed") return;
      if (here.inventory().length > 0) {
        named++;
        expect(state.error.next).toMatch(/Left in visitors-project, and perhaps at a cost/);
      }
      expect(await here.remove(deployment)).toEqual({ type: "state", state: "removed" });
      expect(here.inventory()).toEqual([]);
      // Once more, in case the button is pressed twice.
      expect(await here.remove(deployment)).toEqual({ type: "state", state: "removed" });
    });
  expect(named).toBeGreaterThan(5);
});
