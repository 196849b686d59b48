import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DeploymentEvent, type LedgerStep, OperationalError } from "../../src/clouds/cloud.ts";
import { type ExecutableStep, type Outcome, type StepUpdate, walk } from "../../src/clouds/walk.ts";
import { walkReverse } from "../../src/clouds/walk-reverse.ts";

const never = new Promise<never>(() => {});
const ticks = async (count: number) => {
  for (let tick = 0; tick < count; tick++) await null;
};

interface Shape {
  /** For each step: the earlier steps it depends on, its duration, how often it fails, and whether it is rechecked. */
  steps: { dependsOn: number[]; duration: number; failures: number; recheck: boolean }[];
  /** The order of the steps in the list. */
  order: number[];
}

const shapes: fc.Arbitrary<Shape> = fc.integer({ min: 1, max: 8 }).chain((size) =>
  fc.record({
    steps: fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.record({
          dependsOn: index === 0 ? fc.constant<number[]>([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 3 }),
          duration: fc.nat(12),
          failures: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2 })),
          recheck: fc.boolean(),
        }),
      ),
    ),
    order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
  }),
);

/** Creates a cloud account and a ledger that outlive the processes using them. */
function createWorld({ steps, order }: Shape) {
  const ledger = new Map<string, LedgerStep>();
  const resources = new Map<string, string>();
  const created: string[] = [];
  const executed: string[] = [];
  let processes = 0;

  /** Returns the steps of a new process; those of earlier processes never continue. */
  function startProcess(): ExecutableStep[] {
    const process = ++processes;
    const work = async (duration: number) => {
      await ticks(duration);
      if (process !== processes) await never;
    };
    const all = steps.map(({ dependsOn, duration, failures, recheck }, index): ExecutableStep => {
      const name = `step${index}`;
      return {
        name,
        dependsOn: dependsOn.map((other) => `step${other}`),
        recheckOnResume: recheck,
        async *execute(context): AsyncGenerator<StepUpdate, string> {
          executed.push(name);
          expect(ledger.get(name)?.state).toBe("running");
          for (const other of dependsOn) expect(ledger.get(`step${other}`)?.state).toBe("done");
          const attempt = Number(context.data.attempt);
          const id = `${name}/${failures > 0 ? attempt : 1}`;
          yield { data: { id } };
          await work(duration);
          expect(ledger.get(name)?.data.id).toBe(id);
          if (attempt <= failures) throw new OperationalError(`${name} failed attempt ${attempt}`, "Try again.");
          if (!resources.has(name)) {
            resources.set(name, id);
            created.push(name);
          }
          await work(duration);
          yield { lines: [`${name} was created`], data: { logged: true } };
          await work(1);
          expect(ledger.get(name)?.data.logged).toBe(true);
          expect(context.data).toEqual(ledger.get(name)?.data);
          return name;
        },
      };
    });
    return order.map((index) => all[index] as ExecutableStep);
  }

  function store(event: DeploymentEvent) {
    if (event.type === "state") return;
    const name = event.type === "step" ? event.name : event.step;
    const entry = ledger.get(name);
    const state = event.type === "step" ? event.state : (entry?.state ?? "waiting");
    ledger.set(name, { name, state, data: { ...entry?.data, ...event.data } });
  }

  /** Runs one process until the end, or until a crash at an event, before or after the event was stored. */
  async function runProcess(crash?: { at: number; stored: boolean }, overrides: Partial<Signals> = {}) {
    const events = walk(startProcess(), { ledger, ...signals(), ...overrides });
    for (let count = 0; ; count++) {
      const { value, done } = await events.next();
      if (done) return value;
      if (crash?.at === count && !crash.stored) return null;
      // Storing takes time, while the other steps continue.
      await ticks(3);
      store(value);
      if (crash?.at === count) return null;
    }
  }

  const rearm = () => {
    for (const step of ledger.values()) if (step.state === "failed") step.state = "waiting";
  };
  return { ledger, created, executed, runProcess, rearm, steps: startProcess };
}

interface Signals {
  signal: AbortSignal;
  drainSignal: AbortSignal;
}
const signals = (): Signals => ({ signal: new AbortController().signal, drainSignal: new AbortController().signal });

async function runUntilDone({ runProcess, rearm }: ReturnType<typeof createWorld>): Promise<Outcome> {
  for (let attempts = 0; attempts < 100; attempts++) {
    const outcome = await runProcess();
    if (outcome?.end === "done") return outcome;
    expect(outcome?.end).toBe("failed");
    rearm();
  }
  throw new Error("The walk never ended");
}

const crashes = fc.array(fc.record({ at: fc.nat(40), stored: fc.boolean() }), { maxLength: 6 });

describe("walk", () => {
  test("after any crashes and failures everything is created once, in order, and nothing is lost", () =>
    fc.assert(
      fc.asyncProperty(shapes, crashes, async (shape, crashList) => {
        const world = createWorld(shape);
        for (const crash of crashList) if ((await world.runProcess(crash))?.end === "failed") world.rearm();
        await runUntilDone(world);
        expect([...world.created].sort()).toEqual(shape.steps.map((_, index) => `step${index}`));
        for (const [index, { dependsOn }] of shape.steps.entries())
          for (const earlier of dependsOn)
            expect(world.created.indexOf(`step${earlier}`)).toBeLessThan(world.created.indexOf(`step${index}`));
        for (const { state } of world.ledger.values()) expect(state).toBe("done");
      }),
      { numRuns: 500 },
    ));

  test("a step that is done is not executed again, unless it is rechecked on resume", () =>
    fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const world = createWorld(shape);
        await runUntilDone(world);
        world.executed.length = 0;
        expect((await world.runProcess())?.end).toBe("done");
        const rechecked = shape.steps.flatMap((step, index) => (step.recheck ? [`step${index}`] : []));
        expect([...world.executed].sort()).toEqual(rechecked);
      }),
    ));

  test("a crash between a step's failure and the end neither restarts it nor loses the failure", async () => {
    const world = createWorld({ steps: [{ dependsOn: [], duration: 1, failures: 1, recheck: false }], order: [0] });
    await world.runProcess({ at: 2, stored: true });
    expect(world.ledger.get("step0")).toMatchObject({ state: "failed", data: { attempt: 1 } });
    const failure = { message: "step0 failed attempt 1", next: "Try again.", step: "step0" };
    expect(await world.runProcess()).toEqual({ end: "failed", failure });
    world.rearm();
    expect(await world.runProcess()).toMatchObject({ end: "done" });
    expect(world.ledger.get("step0")?.data).toMatchObject({ attempt: 2 });
  });

  test("when one step fails, running steps finish and no other starts", async () => {
    const world = createWorld({
      steps: [
        { dependsOn: [], duration: 0, failures: 1, recheck: false },
        { dependsOn: [], duration: 12, failures: 0, recheck: false },
        { dependsOn: [1], duration: 0, failures: 0, recheck: false },
      ],
      order: [0, 1, 2],
    });
    expect(await world.runProcess()).toMatchObject({ end: "failed", failure: { step: "step0" } });
    const states = [...world.ledger.values()].map(({ name, state }) => [name, state]);
    expect(states).toEqual([
      ["step0", "failed"],
      ["step1", "done"],
    ]);
  });

  test("with continueOnFailure everything else runs, and every failure is returned", async () => {
    const world = createWorld({
      steps: [
        { dependsOn: [], duration: 0, failures: 1, recheck: false },
        { dependsOn: [0], duration: 1, failures: 0, recheck: false },
        { dependsOn: [1], duration: 0, failures: 1, recheck: false },
        { dependsOn: [2], duration: 0, failures: 0, recheck: false },
      ],
      order: [3, 2, 1, 0],
    });
    const steps = world.steps().map((step): ExecutableStep => {
      const { name, dependsOn } = step;
      return {
        name,
        dependsOn,
        async *execute() {
          yield { message: "" };
          if (name === "step0" || name === "step2") throw new OperationalError(`${name} failed`, "Try again.");
          return undefined;
        },
      };
    });
    const events = walk(steps, { ledger: new Map(), ...signals() }, { continueOnFailure: true });
    const failureOf = (step: string) => ({ message: `${step} failed`, next: "Try again.", step });
    const done: string[] = [];
    for (;;) {
      const { value, done: over } = await events.next();
      if (over) {
        expect(value).toEqual({ end: "failed", failure: failureOf("step0"), otherFailures: [failureOf("step2")] });
        break;
      }
      if (value.type === "step" && value.state === "done") done.push(value.name);
    }
    expect(done).toEqual(["step1", "step3"]);
  });

  test("a step that a crashed process had started is resumed without another running event", async () => {
    const step: ExecutableStep = {
      name: "a",
      dependsOn: [],
      async *execute({ data }) {
        yield { message: `attempt ${data.attempt}` };
        return undefined;
      },
    };
    const entry: LedgerStep = { name: "a", state: "running", data: { attempt: 3 } };
    const resumed: DeploymentEvent[] = [];
    for await (const event of walk([step], { ledger: new Map([["a", entry]]), ...signals() })) resumed.push(event);
    expect(resumed.map((event) => event.type === "step" && [event.state, event.message])).toEqual([
      ["running", "attempt 3"],
      ["done", undefined],
    ]);
  });

  test("independent steps run in parallel", async () => {
    const both = Promise.withResolvers<void>();
    let count = 0;
    const step = (name: string): ExecutableStep => ({
      name,
      dependsOn: [],
      async *execute() {
        if (++count === 2) both.resolve();
        await both.promise;
        yield { message: "met the other" };
        return undefined;
      },
    });
    const events = walk([step("a"), step("b")], { ledger: new Map(), ...signals() });
    expect(await last(events)).toMatchObject({ end: "done" });
  });

  test("draining lets running steps finish, starts no other, and yields no end", () =>
    fc.assert(
      fc.asyncProperty(shapes, fc.nat(30), async (shape, at) => {
        const world = createWorld({ ...shape, steps: shape.steps.map((step) => ({ ...step, failures: 0 })) });
        const draining = new AbortController();
        const events = walk(world.steps(), { ledger: world.ledger, ...signals(), drainSignal: draining.signal });
        const started = new Set<string>();
        let outcome: Outcome | undefined;
        for (let count = 0; ; count++) {
          const { value, done } = await events.next();
          if (done) {
            outcome = value;
            break;
          }
          const name = value.type === "step" ? value.name : value.type === "log" ? value.step : "";
          if (draining.signal.aborted) expect(started).toContain(name);
          started.add(name);
          if (value.type === "step")
            world.ledger.set(name, {
              name,
              state: value.state,
              data: { ...world.ledger.get(name)?.data, ...value.data },
            });
          else if (value.type === "log") Object.assign(world.ledger.get(name)?.data ?? {}, value.data);
          if (count === at) draining.abort();
        }
        const isComplete = started.size === shape.steps.length;
        expect(outcome?.end).toBe(isComplete ? "done" : "stopped");
        for (const name of started) expect(world.ledger.get(name)?.state).toBe("done");
        expect((await world.runProcess())?.end).toBe("done");
      }),
    ));

  test("an aborted walk waits for its steps to clean up and yields nothing more", async () => {
    const abort = new AbortController();
    const cleanedUp: string[] = [];
    const step = (name: string): ExecutableStep => ({
      name,
      dependsOn: [],
      async *execute({ signal }) {
        try {
          yield { data: { started: true } };
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        } finally {
          await ticks(5);
          cleanedUp.push(name);
        }
        return undefined;
      },
    });
    const events = walk([step("a"), step("b")], { ledger: new Map(), ...signals(), signal: abort.signal });
    for (let count = 0; count < 4; count++) await events.next();
    const end = events.next();
    abort.abort();
    expect(await end).toEqual({ done: true, value: { end: "stopped" } });
    expect(cleanedUp).toEqual(["a", "b"]);
  });

  test("a bug in a step is thrown, not yielded", async () => {
    const broken: ExecutableStep = {
      name: "a",
      dependsOn: [],
      // biome-ignore lint/correctness/useYield: it fails before its first update
      async *execute() {
        throw new TypeError("a is undefined");
      },
    };
    await expect(last(walk([broken], { ledger: new Map(), ...signals() }))).rejects.toThrow("a is undefined");
  });

  test("circular dependencies throw", async () => {
    const waiting = (name: string, dependsOn: string[]): ExecutableStep => ({
      name,
      dependsOn,
      async *execute() {
        yield { message: "never yielded" };
        return undefined;
      },
    });
    const cycle = [waiting("a", ["b"]), waiting("b", ["a"])];
    await expect(last(walk(cycle, { ledger: new Map(), ...signals() }))).rejects.toThrow("a,b");
  });
});

describe("walkReverse", () => {
  const entry = (name: string, state: LedgerStep["state"] = "done") => [name, { name, state, data: {} }] as const;

  async function removeAll(
    ledger: Map<string, LedgerStep>,
    remove: (step: LedgerStep) => Promise<void>,
    maxEvents = Infinity,
  ) {
    const events: DeploymentEvent[] = [];
    for await (const event of walkReverse({ ledger, ...signals() }, remove)) {
      if (events.length === maxEvents) return events;
      events.push(event);
      if (event.type === "step") ledger.set(event.name, { name: event.name, state: event.state, data: {} });
    }
    return events;
  }

  test("removes in reverse, and a second time there is nothing to do", async () => {
    const ledger = new Map([entry("a"), entry("b", "running"), entry("c", "failed"), entry("d", "removed")]);
    const removed: string[] = [];
    const remove = async ({ name }: LedgerStep) => void removed.push(name);
    const events = await removeAll(ledger, remove);
    expect(removed).toEqual(["c", "b", "a"]);
    expect(events.at(-1)).toEqual({ type: "state", state: "removed" });
    expect(await removeAll(ledger, remove)).toEqual([{ type: "state", state: "removed" }]);
    expect(removed).toEqual(["c", "b", "a"]);
  });

  test("continues after a failure, reports it at the end, and retries it the next time", async () => {
    const ledger = new Map([entry("a"), entry("b"), entry("c")]);
    let inUse = true;
    const removed: string[] = [];
    const remove = async ({ name }: LedgerStep) => {
      if (name === "b" && inUse) throw new OperationalError("b is in use.", "Stop using it.");
      removed.push(name);
    };
    const events = await removeAll(ledger, remove);
    expect(removed).toEqual(["c", "a"]);
    const error = { message: "b is in use.", next: "Stop using it.", step: "b" };
    expect(events.at(-1)).toEqual({ type: "state", state: "failed", error });
    inUse = false;
    expect((await removeAll(ledger, remove)).at(-1)).toEqual({ type: "state", state: "removed" });
    expect(removed).toEqual(["c", "a", "b"]);
  });

  test("after a crash at any event, everything is removed in the end", () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.nat(8), { maxLength: 4 }),
        async (size, crashList) => {
          const names = Array.from({ length: size }, (_, index) => `step${index}`);
          const ledger = new Map(names.map((name) => entry(name)));
          const existing = new Set(names);
          const remove = async ({ name }: LedgerStep) => void existing.delete(name);
          for (const crash of crashList) await removeAll(ledger, remove, crash);
          expect((await removeAll(ledger, remove)).at(-1)).toEqual({ type: "state", state: "removed" });
          expect(existing.size).toBe(0);
          for (const { state } of ledger.values()) expect(state).toBe("removed");
        },
      ),
    ));
});

async function last(events: AsyncGenerator<DeploymentEvent, Outcome>): Promise<Outcome> {
  for (;;) {
    const { value, done } = await events.next();
    if (done) return value;
  }
}
