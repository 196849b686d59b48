import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type App, Variable } from "../../src/app.ts";
import { type DeploymentEvent, OperationalError } from "../../src/clouds/cloud.ts";
import { CloudId, Note, Plan, Preset, Remark } from "../../src/plan.ts";
import { needs } from "../harness/peers.ts";
import { aDeployment, consume, type Deployment, rearm } from "./consumer.ts";
import { appsToCompile, databaseApp, env, files, hostileApp, secretAnswer, smallApp } from "./contract-apps.ts";
import type { Peer } from "./peer.ts";
import { peers } from "./peers.ts";

// One contract, which every cloud keeps, against its peer.

const started = await Promise.all(peers.map(({ start }) => start()));
const clouds = started.map(({ cloud }) => cloud);
await Promise.all(started.map(({ end }) => end()));
const apps = appsToCompile(clouds.map(({ id }) => id));
const removed: DeploymentEvent = { type: "state", state: "removed" };

test("clouds have ids of their own", () => {
  const ids = clouds.map(({ id }) => CloudId.parse(id));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(0);
});

describe.each(clouds.map((cloud) => [cloud.name, cloud] as const))("%s, without effects", (_, cloud) => {
  test("has regions with names, each once", () => {
    expect(cloud.name).toBeTruthy();
    expect(cloud.regions.length).toBeGreaterThan(0);
    expect(new Set(cloud.regions.map(({ id }) => id)).size).toBe(cloud.regions.length);
    for (const { name } of cloud.regions) expect(name).toBeTruthy();
  });

  test.each(Object.entries(apps))("says in sentences what it cannot do for the %s app", (_, app) => {
    for (const remark of cloud.support(app)) {
      Remark.parse(remark);
      expect(remark.message).toMatch(/\S.*[.)]$/s);
    }
    expect(cloud.support(app)).toEqual(cloud.support(structuredClone(app)));
  });

  test.each(Object.entries(apps))("asks for each variable of the %s app once, the app's own included", (_, app) => {
    const names = cloud.variables(app).map((variable) => Variable.parse(variable).name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(app.variables.map(({ name }) => name)));
  });

  test.each(Object.entries(apps))(
    "compiles the %s app to the same plan each time and does not change the app",
    (_, app) => {
      const before = structuredClone(app);
      for (const region of cloud.regions)
        for (const preset of Preset.options) {
          const choice = { region: region.id, preset };
          const plan = cloud.compile(app, choice);
          expect(plan).toMatchObject({ cloud: cloud.id, ...choice });
          expect(cloud.compile(structuredClone(app), choice)).toEqual(plan);
          expect(Plan.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
        }
      expect(app).toEqual(before);
    },
  );

  test.each(Object.entries(apps))("prices the %s app line by line, and the lines add up", (_, app) => {
    for (const { id } of cloud.regions) {
      const { lines, monthly, steps } = cloud.compile(app, { region: id, preset: "economy" });
      const prices = lines.map((line) => line.monthly).filter((price) => price !== null);
      for (const price of prices) expect(price).toBeGreaterThanOrEqual(0);
      if (monthly !== null)
        expect(monthly).toBeCloseTo(
          prices.reduce((sum, price) => sum + price, 0),
          2,
        );
      for (const line of lines) expect(line.what).toBeTruthy();
      const names = steps.map(({ name }) => name);
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      for (const { title } of steps) expect(title).toBeTruthy();
    }
  });

  test("parses any input as access or reports problems", () => {
    expect(cloud.connect.summary).toMatch(/\.$/);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), (input) => {
        const access = cloud.connect.parse(input);
        if (access.ok) for (const value of Object.values(access.value)) expect(typeof value).toBe("string");
        else for (const problem of access.problems) Note.parse(problem);
      }),
    );
  });
});

describe.each(peers.map((module) => [module.name, module] as const))(
  "%s",
  (_, { start, databasePrograms, hasStackEngine }) => {
    let peer: Peer;
    beforeEach(async () => {
      peer = await start();
    });
    afterEach(async () => {
      const inventory = await peer.inventory();
      await peer.end();
      expect(inventory).toEqual([]);
    });

    const deploy = async (app: App, overrides: Parameters<typeof aDeployment>[3] = {}, at = peer) =>
      aDeployment(at.cloud, app, files, { access: await at.grant(), env, ...overrides });
    const provision = (run: Deployment, maxEvents?: number, at = peer) =>
      consume(run, at.cloud.provision(run), maxEvents);
    const remove = (run: Deployment, maxEvents?: number, at = peer) => consume(run, at.cloud.remove(run), maxEvents);
    const succeeded = { state: "succeeded", url: expect.stringMatching(/^https?:\/\//) };
    const states = ({ ledger }: Deployment) => [...ledger.values()].map(({ state }) => state);
    /** Lists what exists, without the deployment's id: vendors allow eight of its letters in a name. */
    const inventoryWithoutId = async ({ id }: Deployment, at = peer) =>
      (await at.inventory()).map((item) => item.replaceAll(id, "ID").replaceAll(id.slice(0, 8), "ID"));

    /** Deploys and removes the small app without a disturbance, to compare with. */
    async function measureBaseline() {
      const at = await start();
      const run = await deploy(smallApp, {}, at);
      expect(await provision(run, undefined, at)).toMatchObject(succeeded);
      const inventory = await inventoryWithoutId(run, at);
      const requests = at.requests();
      const events = run.events.length;
      expect(await remove(run, undefined, at)).toEqual(removed);
      const removalRequests = at.requests();
      for (const request of requests) removalRequests.splice(removalRequests.indexOf(request), 1);
      await at.end();
      return { inventory, events, requests: [...new Set(requests)], removalRequests: [...new Set(removalRequests)] };
    }

    let measured: ReturnType<typeof measureBaseline> | undefined;
    const baseline = () => {
      measured ??= measureBaseline();
      return measured;
    };

    async function deployAndRemove(app: App) {
      const run = await deploy(app);
      expect(await provision(run)).toMatchObject(succeeded);
      expect(states(run)).toEqual(states(run).map(() => "done"));
      expect((await peer.inventory()).length).toBeGreaterThan(0);
      expect(await remove(run)).toEqual(removed);
      expect(states(run)).toEqual(states(run).map(() => "removed"));
      expect(await peer.inventory()).toEqual([]);
      expect(await remove(run)).toEqual(removed);
    }

    /** Runs the work for each item, three at a time, each time at a peer of its own. */
    async function forEachWithPeer<T>(items: T[], work: (item: T, at: Peer) => Promise<void>) {
      const remaining = [...items];
      const workThrough = async () => {
        for (let item = remaining.shift(); item !== undefined; item = remaining.shift()) {
          const at = await start();
          try {
            await work(item, at);
            expect(await at.inventory(), `left after ${item}`).toEqual([]);
          } finally {
            await at.end();
          }
        }
      };
      await Promise.all([workThrough(), workThrough(), workThrough()]);
    }

    test("deploys a small app and removes all of it, twice if asked", () => deployAndRemove(smallApp));

    needs(...databasePrograms)("deploys an app with a database and removes all of it", () =>
      deployAndRemove(databaseApp),
    );

    test("reports steps of its plan only, each one running before it ends", async () => {
      const run = await deploy(smallApp);
      const planned = run.plan.steps.map(({ name }) => name);
      await provision(run);
      await remove(run);
      const running = new Set<string>();
      for (const event of run.events) {
        if (event.type === "log") expect(running).toContain(event.step);
        if (event.type !== "step") continue;
        expect(planned).toContain(event.name);
        if (event.state === "running") running.add(event.name);
        else expect(running).toContain(event.name);
      }
      expect([...running].sort()).toEqual(planned.sort());
    });

    test("fails with a next step when a request is refused, whichever, and a retry succeeds", async () => {
      const { inventory, requests } = await baseline();
      expect(requests.length).toBeGreaterThan(0);
      await forEachWithPeer(requests, async (request, at) => {
        const run = await deploy(smallApp, {}, at);
        const words = at.refuse(request);
        const state = await provision(run, undefined, at);
        expect(state, request).toMatchObject({
          state: "failed",
          error: { message: expect.stringContaining(words), next: expect.stringMatching(/\w.*\.$/) },
        });
        const failed = run.events.filter((event) => event.type === "step" && event.state === "failed");
        const failedSteps = new Set(failed.map((event) => "name" in event && event.name));
        if (state?.state === "failed") expect(failedSteps, request).toContain(state.error.step);
        // Later requests are under way side by side, and one refusal may end several steps.
        if (request === requests[0]) expect(failedSteps.size).toBe(1);
        expect(run.events.at(-1)).toEqual(state);

        rearm(run);
        expect(await provision(run, undefined, at), `${request}, second attempt`).toMatchObject(succeeded);
        expect(await inventoryWithoutId(run, at), request).toEqual(inventory);
        expect(await remove(run, undefined, at), request).toEqual(removed);
      });
    }, 120_000);

    test("removes all that a refused request has left, early, halfway or late", async () => {
      const { requests } = await baseline();
      const sample = new Set([0, Math.floor(requests.length / 2), requests.length - 1].map((at) => requests[at] ?? ""));
      await forEachWithPeer([...sample], async (request, at) => {
        const run = await deploy(smallApp, {}, at);
        at.refuse(request);
        expect(await provision(run, undefined, at), request).toMatchObject({ state: "failed" });
        expect(await remove(run, undefined, at), request).toEqual(removed);
        for (const state of states(run)) expect(["removed", "waiting"]).toContain(state);
      });
    }, 120_000);

    test("fails to remove with a next step when a request is refused, whichever, and removes the rest later", async () => {
      const { removalRequests } = await baseline();
      await forEachWithPeer(removalRequests, async (request, at) => {
        const run = await deploy(smallApp, {}, at);
        expect(await provision(run, undefined, at)).toMatchObject(succeeded);
        const words = at.refuse(request);
        expect(await remove(run, undefined, at), request).toMatchObject({
          state: "failed",
          error: { message: expect.stringContaining(words), next: expect.stringMatching(/\w.*\.$/) },
        });
        expect((await at.inventory()).length, request).toBeGreaterThan(0);
        rearm(run);
        expect(await remove(run, undefined, at), request).toEqual(removed);
      });
    }, 120_000);

    test("resumes after a crash at any event and creates nothing twice", async () => {
      const { inventory, events } = await baseline();
      expect(events).toBeGreaterThan(5);
      await forEachWithPeer([...Array(events).keys()], async (index, at) => {
        const run = await deploy(smallApp, {}, at);
        await provision(run, index + 1, at);
        expect(await provision(run, undefined, at), `event ${index}`).toMatchObject(succeeded);
        expect(await inventoryWithoutId(run, at), `event ${index}`).toEqual(inventory);
        await remove(run, (index % 9) + 1, at);
        expect(await remove(run, undefined, at), `event ${index}`).toEqual(removed);
      });
    }, 120_000);

    test("finishes what runs and starts nothing else when the server drains, and resumes later", async () => {
      const { inventory, events } = await baseline();
      await forEachWithPeer([0, 1, Math.floor(events / 2), events - 3], async (count, at) => {
        const drain = new AbortController();
        const run = await deploy(smallApp, { drainSignal: drain.signal }, at);
        if (count === 0) drain.abort();
        const stream = afterEvent(at.cloud.provision(run), count, () => drain.abort());
        const state = await consume(run, stream);
        // With the last step in hand, there is nothing left to start.
        if (count > 1 && state?.state === "succeeded") expect(states(run)).toEqual(states(run).map(() => "done"));
        else expect(state, `event ${count}`).toBeNull();
        if (count === 0) expect(run.events).toEqual([]);
        const startedSteps = new Set(
          run.events.slice(0, count).flatMap((event) => (event.type === "step" ? event.name : [])),
        );
        for (const event of run.events.slice(count))
          if (event.type === "step" && !hasStackEngine) expect(startedSteps, `event ${count}`).toContain(event.name);
        run.drainSignal = new AbortController().signal;
        expect(await provision(run, undefined, at), `event ${count}`).toMatchObject(succeeded);
        expect(await inventoryWithoutId(run, at), `event ${count}`).toEqual(inventory);
        expect(await remove(run, undefined, at)).toEqual(removed);
      });
    }, 120_000);

    test("lets go of a deployment that is stopped, and removes what it had created", async () => {
      const { events } = await baseline();
      await forEachWithPeer([0, 1, Math.floor(events / 2), events - 3], async (count, at) => {
        const stop = new AbortController();
        const run = await deploy(smallApp, { signal: stop.signal }, at);
        if (count === 0) stop.abort();
        const stream = afterEvent(at.cloud.provision(run), count, () => stop.abort());
        expect(await consume(run, stream), `event ${count}`).toBeNull();
        run.signal = new AbortController().signal;
        expect(await remove(run, undefined, at), `event ${count}`).toEqual(removed);
      });
    }, 120_000);

    test("fails in a sentence when the repository is gone, if the cloud needs its files from us", async () => {
      const gone = new OperationalError("The repository is gone.", "Look where it went.");
      let fetches = 0;
      const fetchSource = () => {
        fetches++;
        return Promise.reject(gone);
      };
      const run = await deploy(smallApp, { fetchSource });
      const state = await provision(run);
      if (fetches === 0) expect(state).toMatchObject(succeeded);
      else expect(state).toMatchObject({ state: "failed", error: { message: gone.message, next: gone.next } });
      expect(await remove(run)).toEqual(removed);
    });

    test("removes a deployment that never began", async () => {
      const run = await deploy(smallApp);
      expect(await remove(run)).toEqual(removed);
      expect(peer.requests()).toEqual([]);
    });

    test("runs no name of a hostile app as a command, ends in a state, and removes all of it", async () => {
      const canary = join(tmpdir(), `slipway-canary-${process.pid}`);
      const run = await deploy(hostileApp(canary));
      const state = await provision(run);
      expect(["succeeded", "failed"]).toContain(state?.state);
      if (state?.state === "failed") expect(state.error.next).toMatch(/\w.*\.$/);
      expect(await remove(run)).toEqual(removed);
      expect(existsSync(canary)).toBe(false);
    });

    test("puts no secret into an event or the ledger, in success, failure and removal", async () => {
      const derived = new Set<string>();
      const run = await deploy(smallApp);
      const { deriveSecret } = run;
      run.deriveSecret = (name) => {
        const secret = deriveSecret(name);
        derived.add(secret);
        return secret;
      };
      const last = (await baseline()).requests.at(-1) ?? "";
      peer.refuse(last);
      await provision(run);
      rearm(run);
      expect(await provision(run)).toMatchObject(succeeded);
      expect(await remove(run)).toEqual(removed);
      const recorded = JSON.stringify([run.events, [...run.ledger]]);
      const secrets = [secretAnswer, ...derived, ...peer.credentials()];
      expect(secrets.filter((secret) => recorded.includes(secret))).toEqual([]);
      expect(run.events.length).toBeGreaterThan(5);
    });
  },
);

/** Passes events on, and acts once as many have been recorded. */
async function* afterEvent(events: AsyncIterable<DeploymentEvent>, count: number, act: () => void) {
  let passed = 0;
  for await (const event of events) {
    yield event;
    if (++passed === count) act();
  }
}
