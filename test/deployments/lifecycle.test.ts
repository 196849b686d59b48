import { describe, expect, test } from "vitest";
import { type DeploymentEvent, OperationalError } from "../../src/clouds/cloud.ts";
import { deployments as deploymentRows, events as eventRows, steps as stepRows } from "../../src/data/schema.ts";
import { installsOf } from "../../src/data/store/counts.ts";
import { statsOf } from "../../src/data/store/stats.ts";
import { retryWindowMs } from "../../src/deployments/lifecycle.ts";
import { deploymentJson } from "../../src/deployments/to-json.ts";
import { createSeal } from "../../src/identity/seal.ts";
import { anApp, aVariable } from "../harness/apps.ts";
import {
  allTime,
  collectStream,
  createScriptedCloud,
  createTestDeployments,
  removed,
} from "../harness/scripted-cloud.ts";

const succeeded: DeploymentEvent = { type: "state", state: "succeeded", url: "http://127.0.0.1:4000" };
const step = (name: string, state: "running" | "done" | "failed", data?: { port: number }): DeploymentEvent => ({
  type: "step",
  name,
  state,
  data,
});

async function* easy(): AsyncIterable<DeploymentEvent> {
  yield step("database", "running", { port: 5000 });
  yield step("database", "done");
  yield step("web", "running");
  yield { type: "log", step: "web", lines: ["listening"] };
  yield step("web", "done");
  yield succeeded;
}

const never = (signal: AbortSignal) =>
  new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("a deployment streams its events in order and ends with its URL", async () => {
  const { story, db, order } = createTestDeployments({ cloud: createScriptedCloud(easy) });
  const { id } = story.start(order);
  const text = await collectStream(story, id);
  expect(text).toContain('event: step\ndata: {"name":"database","state":"running","message":""}\n\n');
  expect(text).toContain('event: log\ndata: {"line":"listening"}\n\n');
  expect(text).toMatch(/event: state\ndata: \{"state":"succeeded","url":"http:\/\/127\.0\.0\.1:4000"\}\n\n$/);
  const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number));
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  const row = story.find(id);
  expect(row && deploymentJson(db, row)).toMatchObject({
    state: "succeeded",
    url: "http://127.0.0.1:4000",
    steps: [
      { name: "database", title: "PostgreSQL", state: "done" },
      { name: "web", title: "Web", state: "done" },
    ],
    error: null,
  });
  expect(installsOf(db, "local/examples/hello")).toBe(1);
});

test("a reader that reconnects gets the missed events, and none twice", async () => {
  const { story, order } = createTestDeployments({ cloud: createScriptedCloud(easy) });
  const { id } = story.start(order);
  const all = await collectStream(story, id);
  const middle = Number(all.match(/id: (\d+)\nevent: log/)?.[1]);
  const rest = await collectStream(story, id, middle);
  expect(all.endsWith(rest)).toBe(true);
  expect(rest).not.toContain("listening");
  expect(rest).toContain("succeeded");
});

test("the same request twice is one deployment", async () => {
  const { story, db, order } = createTestDeployments({ cloud: createScriptedCloud(easy) });
  const first = story.start(order);
  const second = story.start(order);
  expect(second).toEqual({ id: first.id, fresh: false });
  await collectStream(story, first.id);
  expect(statsOf(db, "local/examples/hello", allTime).totals.start).toBe(1);
});

test("an event is in the ledger before the cloud continues", async () => {
  const seen: unknown[] = [];
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield step("database", "running", { port: 5000 });
      seen.push(db.select().from(stepRows).get());
      yield succeeded;
    }),
  });
  await collectStream(story, story.start(order).id);
  expect(seen).toMatchObject([{ name: "database", state: "running", data: { port: 5000 } }]);
});

test("the next process resumes a crashed deployment from its ledger", async () => {
  const first = createTestDeployments({
    cloud: createScriptedCloud(async function* (run) {
      yield step("database", "running", { port: 5000 });
      await never(run.signal);
    }),
  });
  const { id } = first.story.start(first.order);
  await new Promise(setImmediate);

  const ledgers: unknown[] = [];
  const next = createTestDeployments({
    db: first.db,
    cloud: createScriptedCloud(async function* (run) {
      ledgers.push([...run.ledger.values()]);
      yield* easy();
    }),
  });
  next.story.resume();
  expect(await collectStream(next.story, id)).toContain("succeeded");
  expect(ledgers).toMatchObject([[{ name: "database", state: "running", data: { port: 5000 } }, { name: "web" }]]);
});

test("a log cursor and its lines are stored together", async () => {
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield step("web", "running");
      yield { type: "log", step: "web", lines: ["one", "two"], data: { offset: 8 } };
      yield succeeded;
    }),
  });
  await collectStream(story, story.start(order).id);
  expect(db.select().from(stepRows).all()).toContainEqual(
    expect.objectContaining({ name: "web", data: { offset: 8 } }),
  );
});

test("a cloud's error is shown with a next step; a bug's message is hidden", async () => {
  const refusing = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield step("web", "running");
      throw new OperationalError("No such runtime: cobol", "Install cobol.");
    }),
  });
  const { id } = refusing.story.start(refusing.order);
  await collectStream(refusing.story, id);
  expect(refusing.story.find(id)?.error).toEqual({
    message: "No such runtime: cobol",
    next: "Install cobol.",
    step: "",
  });

  const buggy = createTestDeployments({
    cloud: createScriptedCloud(async function* () {
      yield step("web", "running");
      throw new Error("undefined is not a function");
    }),
  });
  const broken = buggy.story.start(buggy.order);
  expect(await collectStream(buggy.story, broken.id)).not.toContain("undefined is not");
  expect(buggy.bugs).toHaveLength(1);
});

test("a secret variable that only this cloud requires is masked like the app's own", async () => {
  const question = aVariable({ name: "AMQP_URL", secret: true });
  const cloud = createScriptedCloud(async function* (run) {
    yield { type: "log", step: "web", lines: [`queue at ${run.env.AMQP_URL}`] };
    yield succeeded;
  });
  const { story, order } = createTestDeployments({
    cloud: { ...cloud, variables: (app) => [...app.variables, question] },
  });
  const { id } = story.start({ ...order, env: { AMQP_URL: "amqp://me:s3cret@example.com" } });
  expect(await collectStream(story, id)).toContain("queue at •••");
});

test("no secret is streamed, stored in plain text, or kept after the end", async () => {
  const secret = "s3cret-s3cret-s3cret";
  const derived: string[] = [];
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* (run) {
      derived.push(run.deriveSecret("database"));
      yield { type: "step", name: "web", state: "running", message: `using ${run.env.SECRET_KEY}` };
      yield { type: "log", step: "web", lines: [`key=${run.env.SECRET_KEY} password=${run.deriveSecret("database")}`] };
      yield succeeded;
    }),
  });
  const { id } = story.start({
    ...order,
    app: anApp({ variables: [aVariable({ name: "SECRET_KEY", secret: true })] }),
    env: { SECRET_KEY: secret },
  });
  expect(story.find(id)?.sealed).not.toContain(secret);
  const text = await collectStream(story, id);
  expect(text).toContain("key=••• password=•••");
  expect(text).toContain("using •••");
  expect(derived[0]).toMatch(/^[a-z2-7]{40}$/);
  expect(JSON.stringify(db.select().from(eventRows).all())).not.toContain(derived[0]);
  expect(story.find(id)?.sealed).toBeNull();
});

test("removal stops the run and deletes the ledger's steps in reverse", async () => {
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* (run) {
      yield step("database", "running");
      yield step("database", "done");
      yield step("web", "running");
      await never(run.signal);
    }),
  });
  const { id } = story.start(order);
  await new Promise(setImmediate);
  expect(story.remove(id)).toBe(true);
  expect(story.remove(id)).toBe(true);
  const text = await collectStream(story, id);
  expect(text.indexOf('"web","state":"removed"')).toBeLessThan(text.indexOf('"database","state":"removed"'));
  expect(text).not.toContain("failed");
  expect(story.find(id)?.state).toBe("removed");
  expect(statsOf(db, "local/examples/hello", allTime).totals).toMatchObject({ start: 1, removal: 1, failure: 0 });
});

test("the next process finishes an interrupted removal", async () => {
  const first = createTestDeployments({
    cloud: createScriptedCloud(easy, async function* (run) {
      yield { type: "step", name: "web", state: "removed" };
      await never(run.signal);
    }),
  });
  const { id } = first.story.start(first.order);
  await collectStream(first.story, id);
  first.story.remove(id);
  await new Promise(setImmediate);
  const next = createTestDeployments({ db: first.db, cloud: createScriptedCloud(easy) });
  next.story.resume();
  await collectStream(next.story, id);
  expect(next.story.find(id)?.state).toBe("removed");
});

test("a retry keeps finished steps and answers, and counts once", async () => {
  let tries = 0;
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* (run) {
      if (++tries === 1) {
        yield step("database", "running");
        yield step("database", "done");
        yield step("web", "running");
        yield step("web", "failed");
        yield { type: "state", state: "failed", error: { message: "no", next: "again", step: "web" } };
        return;
      }
      expect(run.ledger.get("database")?.state).toBe("done");
      expect(run.ledger.get("web")?.state).toBe("waiting");
      expect(run.env.GREETING).toBe("hi");
      yield succeeded;
    }),
  });
  const { id } = story.start({ ...order, env: { GREETING: "hi" } });
  await collectStream(story, id);
  expect(story.find(id)?.state).toBe("failed");
  expect(story.retry(id)).toBe(true);
  expect(story.retry(id)).toBe(false);
  await collectStream(story, id);
  expect(story.find(id)?.state).toBe("succeeded");
  expect(statsOf(db, "local/examples/hello", allTime).totals).toMatchObject({ start: 1, success: 1, failure: 0 });
});

test("a stopping server finishes the running step and leaves the rest to the next start", async () => {
  const finish = Promise.withResolvers<void>();
  const { story, db, order } = createTestDeployments({
    cloud: createScriptedCloud(async function* (run) {
      yield step("database", "running");
      await finish.promise;
      yield step("database", "done");
      if (run.drainSignal.aborted) return;
      yield step("web", "running");
    }),
  });
  const { id } = story.start(order);
  await new Promise(setImmediate);
  const drained = story.drain();
  finish.resolve();
  await drained;
  expect(story.find(id)?.state).toBe("running");
  const next = createTestDeployments({ db, cloud: createScriptedCloud(easy) });
  next.story.resume();
  expect(await collectStream(next.story, id)).toContain("succeeded");
});

test("an abandoned failure has its answers wiped, and its resources removed where no access is needed", async () => {
  async function* failing(): AsyncIterable<DeploymentEvent> {
    yield { type: "state", state: "failed", error: { message: "no", next: "again", step: "" } };
  }
  let time = Date.parse("2026-11-22T12:00:00Z");
  const now = () => new Date(time);
  const here = createTestDeployments({ cloud: createScriptedCloud(failing), now });
  const { id } = here.story.start(here.order);
  await collectStream(here.story, id);
  here.story.forget();
  expect(here.story.find(id)?.sealed).not.toBeNull();
  time += retryWindowMs + 1;
  here.story.forget();
  await collectStream(here.story, id);
  expect(here.story.find(id)).toMatchObject({ state: "removed", sealed: null });

  const there = createTestDeployments({ cloud: createScriptedCloud(failing, undefined, "token"), now });
  const far = there.story.start(there.order);
  await collectStream(there.story, far.id);
  time += retryWindowMs + 1;
  there.story.forget();
  expect(there.story.find(far.id)).toMatchObject({ state: "failed", sealed: null });
  expect(there.story.retry(far.id)).toBe(false);
});

test("the URL leads to the app's success path, unless that is on another origin", async () => {
  for (const [success, url] of [
    ["/welcome?first=1", "http://127.0.0.1:4000/welcome?first=1"],
    [null, "http://127.0.0.1:4000"],
    ["https://elsewhere.example/x", "http://127.0.0.1:4000"],
    ["//elsewhere.example/x", "http://127.0.0.1:4000"],
    ["javascript:alert(1)", "http://127.0.0.1:4000"],
  ] as const) {
    const { story, order } = createTestDeployments({ cloud: createScriptedCloud(easy) });
    const { id } = story.start({ ...order, app: { ...order.app, success } });
    await collectStream(story, id);
    expect([success, story.find(id)?.url]).toEqual([success, url]);
  }
});

test("answers encrypted with another SECRET fail the deployment, not the server", async () => {
  const first = createTestDeployments({ cloud: createScriptedCloud(() => stuck()) });
  const { id } = first.story.start({ ...first.order, env: { GREETING: "hi" } });
  first.db
    .update(deploymentRows)
    .set({ sealed: createSeal("quite another secret, also long enough").close(id, {}) })
    .run();
  const next = createTestDeployments({ db: first.db, cloud: createScriptedCloud(easy) });
  next.story.resume();
  expect(await collectStream(next.story, id)).toContain("sealed with another SECRET");
  // What needs no access can be taken away all the same.
  next.story.remove(id);
  expect(await collectStream(next.story, id)).toContain('"state":"removed"');
  expect(next.bugs).toEqual([]);
});

async function* stuck(): AsyncIterable<DeploymentEvent> {
  yield step("database", "running", { port: 5000 });
  await new Promise(() => {});
}

test("a failure that cannot be stored is logged and affects no other deployment", async () => {
  const { story, db, order, bugs } = createTestDeployments({ cloud: createScriptedCloud(easy) });
  db.$client.exec(
    "CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.type = 'log' BEGIN SELECT RAISE(FAIL, 'disk'); END",
  );
  db.$client.exec("CREATE TRIGGER over BEFORE UPDATE ON deployments BEGIN SELECT RAISE(FAIL, 'disk'); END");
  const { id } = story.start(order);
  await expect.poll(() => bugs.length).toBe(2);
  expect(story.active()).toBe(0);
  expect(story.find(id)?.state).toBe("running");
});

describe("a removal that fails", () => {
  const refusing = (times: number, last = Promise.resolve()) =>
    createScriptedCloud(easy, async function* (run) {
      if (times-- <= 0) return yield* removed(run);
      yield { type: "state", state: "failed", error: { message: "Not now.", next: "Wait.", step: "web" } };
      await last;
    });

  test("does not count as a failed deployment and can be retried", async () => {
    const { story, db, order } = createTestDeployments({ cloud: refusing(1) });
    const { id } = story.start(order);
    await collectStream(story, id);
    story.remove(id);
    await expect.poll(() => story.find(id)?.state).toBe("failed");
    await expect.poll(() => story.active()).toBe(0);
    const row = story.find(id);
    if (!row) throw new Error("gone");
    expect(story.wasRemoval(row)).toBe(true);
    expect(story.canRetry(row)).toBe(false);
    expect(story.retry(id)).toBe(false);
    story.remove(id);
    await expect.poll(() => story.find(id)?.state).toBe("removed");
    expect(statsOf(db, "local/examples/hello", allTime).totals).toMatchObject({ success: 1, failure: 0, removal: 1 });
  });

  test("is retried even if requested just before it ends", async () => {
    const ending = Promise.withResolvers<void>();
    const { story, order } = createTestDeployments({ cloud: refusing(1, ending.promise) });
    const { id } = story.start(order);
    await collectStream(story, id);
    story.remove(id);
    await expect.poll(() => story.find(id)?.state).toBe("failed");
    story.remove(id);
    ending.resolve();
    await expect.poll(() => story.find(id)?.state).toBe("removed");
  });
});

test("start, remove, retry and drain in any order leave a consistent state", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    let dice = seed;
    const roll = (sides: number) => {
      dice = (dice * 1103515245 + 12345) % 2147483648;
      return Math.floor((dice / 2147483648) * sides);
    };
    let living = 0;
    let most = 0;
    const cloud = createScriptedCloud(
      async function* (run) {
        most = Math.max(most, ++living);
        try {
          for (const name of ["database", "web"]) {
            if (run.signal.aborted || run.drainSignal.aborted) return;
            yield step(name, "running");
            await new Promise((resolve) => setTimeout(resolve, roll(3)));
            yield step(name, "done");
          }
          if (roll(3) > 0) yield succeeded;
          else yield { type: "state", state: "failed", error: { message: "No.", next: "Again.", step: "web" } };
          await new Promise((resolve) => setTimeout(resolve, roll(3)));
        } finally {
          living--;
        }
      },
      async function* (run) {
        most = Math.max(most, ++living);
        try {
          await new Promise((resolve) => setTimeout(resolve, roll(3)));
          yield* removed(run);
        } finally {
          living--;
        }
      },
    );
    const one = createTestDeployments({ cloud });
    const { id } = one.story.start(one.order);
    for (let act = 0; act < 12; act++) {
      const which = roll(3);
      if (which === 0) expect(one.story.start(one.order).id).toBe(id);
      else if (which === 1) one.story.retry(id);
      else if (roll(2) === 0) one.story.remove(id);
      await new Promise((resolve) => setTimeout(resolve, roll(4)));
    }
    await one.story.drain();
    const next = createTestDeployments({ db: one.db, cloud });
    next.story.resume();
    next.story.remove(id);
    await expect.poll(() => next.story.find(id)?.state).toBe("removed");
    await expect.poll(() => next.story.active()).toBe(0);
    expect([seed, most, living]).toEqual([seed, 1, 0]);
    expect([...one.bugs, ...next.bugs]).toEqual([]);
    const { start, success, failure, removal } = statsOf(one.db, "local/examples/hello", allTime).totals;
    expect([seed, start, removal]).toEqual([seed, 1, 1]);
    expect(success + failure, `seed ${seed}`).toBeLessThanOrEqual(1);
    expect(Math.min(success, failure), `seed ${seed}`).toBeGreaterThanOrEqual(0);
    const steps = one.db.select().from(stepRows).all();
    expect(
      steps.every(({ state }) => state === "removed"),
      `seed ${seed}`,
    ).toBe(true);
    expect(next.story.find(id)?.sealed).toBe(null);
  }
});

test("a removal whose row cannot be read is logged and affects no other deployment", async () => {
  const { story, db, order, bugs } = createTestDeployments({ cloud: createScriptedCloud(easy) });
  const { id } = story.start(order);
  await collectStream(story, id);
  story.remove(id);
  db.$client.prepare("UPDATE deployments SET app = '{' WHERE id = ?").run(id);
  await expect.poll(() => bugs.length, { timeout: 15_000 }).toBe(1);
  expect(String(bugs[0])).toContain("JSON");
});
