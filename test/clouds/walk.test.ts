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
  /** For each step, which of the earlier ones it comes after, how slow it is, how often it refuses, if it may vanish. */
  steps: { after: number[]; slow: number; refusals: number; again: boolean }[];
  /** Where in the list each step stands. */
  order: number[];
}

const shapes: fc.Arbitrary<Shape> = fc.integer({ min: 1, max: 8 }).chain((size) =>
  fc.record({
    steps: fc.tuple(
      ...Array.from({ length: size }, (_, index) =>
        fc.record({
          after: index === 0 ? fc.constant<number[]>([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 3 }),
          slow: fc.nat(12),
          refusals: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 2 })),
          again: fc.boolean(),
        }),
      ),
    ),
    order: fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
  }),
);

/** A place where things are made, that outlives the processes which make them, and a ledger that does too. */
function world({ steps, order }: Shape) {
  const ledger = new Map<string, LedgerStep>();
  const things = new Map<string, string>();
  const made: string[] = [];
  const entered: string[] = [];
  let life = 0;

  /** The steps as a new process would have them: what an earlier one was about to do never happens. */
  function begin(): ExecutableStep[] {
    const mine = ++life;
    const alive = async (slow: number) => {
      await ticks(slow);
      if (mine !== life) await never;
    };
    const all = steps.map(({ after, slow, refusals, again }, index): ExecutableStep => {
      const name = `step${index}`;
      return {
        name,
        dependsOn: after.map((one) => `step${one}`),
        recheckOnResume: again,
        async *execute(hand): AsyncGenerator<StepUpdate, string> {
          entered.push(name);
          expect(ledger.get(name)?.state).toBe("running");
          for (const one of after) expect(ledger.get(`step${one}`)?.state).toBe("done");
          const attempt = Number(hand.data.attempt);
          const id = `${name}/${refusals > 0 ? attempt : 1}`;
          yield { data: { id } };
          await alive(slow);
          expect(ledger.get(name)?.data.id).toBe(id);
          if (attempt <= refusals) throw new OperationalError(`${name} refused try ${attempt}`, "Try again.");
          if (!things.has(name)) {
            things.set(name, id);
            made.push(name);
          }
          await alive(slow);
          yield { lines: [`${name} was made`], data: { said: true } };
          await alive(1);
          expect(ledger.get(name)?.data.said).toBe(true);
          expect(hand.data).toEqual(ledger.get(name)?.data);
          return name;
        },
      };
    });
    return order.map((index) => all[index] as ExecutableStep);
  }

  function write(event: DeploymentEvent) {
    if (event.type === "state") return;
    const name = event.type === "step" ? event.name : event.step;
    const before = ledger.get(name);
    const state = event.type === "step" ? event.state : (before?.state ?? "waiting");
    ledger.set(name, { name, state, data: { ...before?.data, ...event.data } });
  }

  /** One process: consumes until the end, or dies at an event, before or after it was written down. */
  async function live(crash?: { at: number; written: boolean }, given: Partial<Signals> = {}) {
    const words = walk(begin(), { ledger, ...signals(), ...given });
    for (let count = 0; ; count++) {
      const { value, done } = await words.next();
      if (done) return value;
      if (crash?.at === count && !crash.written) return null;
      // Writing takes its time, and meanwhile the other steps go on.
      await ticks(3);
      write(value);
      if (crash?.at === count) return null;
    }
  }

  const rearm = () => {
    for (const step of ledger.values()) if (step.state === "failed") step.state = "waiting";
  };
  return { ledger, made, entered, live, rearm, steps: begin };
}

interface Signals {
  signal: AbortSignal;
  drainSignal: AbortSignal;
}
const signals = (): Signals => ({ signal: new AbortController().signal, drainSignal: new AbortController().signal });

async function toTheEnd({ live, rearm }: ReturnType<typeof world>): Promise<Outcome> {
  for (let tries = 0; tries < 100; tries++) {
    const outcome = await live();
    if (outcome?.end === "done") return outcome;
    expect(outcome?.end).toBe("failed");
    rearm();
  }
  throw new Error("it never came to an end");
}

const crashes = fc.array(fc.record({ at: fc.nat(40), written: fc.boolean() }), { maxLength: 6 });

describe("walk", () => {
  test("after any crashes and refusals everything is made once, in order, and nothing is lost", () =>
    fc.assert(
      fc.asyncProperty(shapes, crashes, async (shape, deaths) => {
        const one = world(shape);
        for (const death of deaths) if ((await one.live(death))?.end === "failed") one.rearm();
        await toTheEnd(one);
        expect([...one.made].sort()).toEqual(shape.steps.map((_, index) => `step${index}`));
        for (const [index, { after }] of shape.steps.entries())
          for (const before of after)
            expect(one.made.indexOf(`step${before}`)).toBeLessThan(one.made.indexOf(`step${index}`));
        for (const { state } of one.ledger.values()) expect(state).toBe("done");
      }),
      { numRuns: 500 },
    ));

  test("a step that is done is not entered again, unless what it made may be gone", () =>
    fc.assert(
      fc.asyncProperty(shapes, async (shape) => {
        const one = world(shape);
        await toTheEnd(one);
        one.entered.length = 0;
        expect((await one.live())?.end).toBe("done");
        const again = shape.steps.flatMap((step, index) => (step.again ? [`step${index}`] : []));
        expect([...one.entered].sort()).toEqual(again);
      }),
    ));

  test("a crash between a step's failure and the end neither begins it anew nor forgets the failure", async () => {
    const one = world({ steps: [{ after: [], slow: 1, refusals: 1, again: false }], order: [0] });
    await one.live({ at: 2, written: true });
    expect(one.ledger.get("step0")).toMatchObject({ state: "failed", data: { attempt: 1 } });
    const failure = { message: "step0 refused try 1", next: "Try again.", step: "step0" };
    expect(await one.live()).toEqual({ end: "failed", failure });
    one.rearm();
    expect(await one.live()).toMatchObject({ end: "done" });
    expect(one.ledger.get("step0")?.data).toMatchObject({ attempt: 2 });
  });

  test("when one step refuses, those in hand finish and no other begins", async () => {
    const one = world({
      steps: [
        { after: [], slow: 0, refusals: 1, again: false },
        { after: [], slow: 12, refusals: 0, again: false },
        { after: [1], slow: 0, refusals: 0, again: false },
      ],
      order: [0, 1, 2],
    });
    expect(await one.live()).toMatchObject({ end: "failed", failure: { step: "step0" } });
    const states = [...one.ledger.values()].map(({ name, state }) => [name, state]);
    expect(states).toEqual([
      ["step0", "failed"],
      ["step1", "done"],
    ]);
  });

  test("when it is to go on past what refuses, everything else is done, and every refusal is told", async () => {
    const one = world({
      steps: [
        { after: [], slow: 0, refusals: 1, again: false },
        { after: [0], slow: 1, refusals: 0, again: false },
        { after: [1], slow: 0, refusals: 1, again: false },
        { after: [2], slow: 0, refusals: 0, again: false },
      ],
      order: [3, 2, 1, 0],
    });
    const steps = one.steps().map((step): ExecutableStep => {
      const { name, dependsOn: after } = step;
      return {
        name,
        dependsOn: after,
        async *execute() {
          yield { message: "" };
          if (name === "step0" || name === "step2") throw new OperationalError(`${name} says no`, "Try again.");
          return undefined;
        },
      };
    });
    const words = walk(steps, { ledger: new Map(), ...signals() }, { continueOnFailure: true });
    const refused = (step: string) => ({ message: `${step} says no`, next: "Try again.", step });
    const done: string[] = [];
    for (;;) {
      const { value, done: over } = await words.next();
      if (over) {
        expect(value).toEqual({ end: "failed", failure: refused("step0"), otherFailures: [refused("step2")] });
        break;
      }
      if (value.type === "step" && value.state === "done") done.push(value.name);
    }
    expect(done).toEqual(["step1", "step3"]);
  });

  test("what a process that died had begun is gone on with, and not said to begin again", async () => {
    const step: ExecutableStep = {
      name: "a",
      dependsOn: [],
      async *execute({ data }) {
        yield { message: `attempt ${data.attempt}` };
        return undefined;
      },
    };
    const begun: LedgerStep = { name: "a", state: "running", data: { attempt: 3 } };
    const said: DeploymentEvent[] = [];
    for await (const event of walk([step], { ledger: new Map([["a", begun]]), ...signals() })) said.push(event);
    expect(said.map((event) => event.type === "step" && [event.state, event.message])).toEqual([
      ["running", "attempt 3"],
      ["done", undefined],
    ]);
  });

  test("steps that do not depend on each other are in hand together", async () => {
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
    const words = walk([step("a"), step("b")], { ledger: new Map(), ...signals() });
    expect(await last(words)).toMatchObject({ end: "done" });
  });

  test("draining lets the steps in hand finish, begins no other, and says no end", () =>
    fc.assert(
      fc.asyncProperty(shapes, fc.nat(30), async (shape, at) => {
        const one = world({ ...shape, steps: shape.steps.map((step) => ({ ...step, refusals: 0 })) });
        const draining = new AbortController();
        const words = walk(one.steps(), { ledger: one.ledger, ...signals(), drainSignal: draining.signal });
        const begun = new Set<string>();
        let outcome: Outcome | undefined;
        for (let count = 0; ; count++) {
          const { value, done } = await words.next();
          if (done) {
            outcome = value;
            break;
          }
          const name = value.type === "step" ? value.name : value.type === "log" ? value.step : "";
          if (draining.signal.aborted) expect(begun).toContain(name);
          begun.add(name);
          if (value.type === "step")
            one.ledger.set(name, { name, state: value.state, data: { ...one.ledger.get(name)?.data, ...value.data } });
          else if (value.type === "log") Object.assign(one.ledger.get(name)?.data ?? {}, value.data);
          if (count === at) draining.abort();
        }
        const whole = begun.size === shape.steps.length;
        expect(outcome?.end).toBe(whole ? "done" : "stopped");
        for (const name of begun) expect(one.ledger.get(name)?.state).toBe("done");
        expect((await one.live())?.end).toBe("done");
      }),
    ));

  test("an aborted walk waits until its steps have let go, and says nothing more", async () => {
    const stop = new AbortController();
    const let_go: string[] = [];
    const step = (name: string): ExecutableStep => ({
      name,
      dependsOn: [],
      async *execute({ signal }) {
        try {
          yield { data: { begun: true } };
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        } finally {
          await ticks(5);
          let_go.push(name);
        }
        return undefined;
      },
    });
    const words = walk([step("a"), step("b")], { ledger: new Map(), ...signals(), signal: stop.signal });
    for (let count = 0; count < 4; count++) await words.next();
    const end = words.next();
    stop.abort();
    expect(await end).toEqual({ done: true, value: { end: "stopped" } });
    expect(let_go).toEqual(["a", "b"]);
  });

  test("a bug in a step is thrown, not said", async () => {
    const broken: ExecutableStep = {
      name: "a",
      dependsOn: [],
      // biome-ignore lint/correctness/useYield: it breaks before it could say anything
      async *execute() {
        throw new TypeError("a is undefined");
      },
    };
    await expect(last(walk([broken], { ledger: new Map(), ...signals() }))).rejects.toThrow("a is undefined");
  });

  test("steps that wait for each other are our bug", async () => {
    const waiting = (name: string, after: string[]): ExecutableStep => ({
      name,
      dependsOn: after,
      async *execute() {
        yield { message: "never said" };
        return undefined;
      },
    });
    const circle = [waiting("a", ["b"]), waiting("b", ["a"])];
    await expect(last(walk(circle, { ledger: new Map(), ...signals() }))).rejects.toThrow("a,b");
  });
});

describe("walking back", () => {
  const line = (name: string, state: LedgerStep["state"] = "done") => [name, { name, state, data: {} }] as const;

  async function back(ledger: Map<string, LedgerStep>, remove: (step: LedgerStep) => Promise<void>, most = Infinity) {
    const events: DeploymentEvent[] = [];
    for await (const event of walkReverse({ ledger, ...signals() }, remove)) {
      if (events.length === most) return events;
      events.push(event);
      if (event.type === "step") ledger.set(event.name, { name: event.name, state: event.state, data: {} });
    }
    return events;
  }

  test("goes in reverse, and a second time there is nothing to do", async () => {
    const ledger = new Map([line("a"), line("b", "running"), line("c", "failed"), line("d", "removed")]);
    const gone: string[] = [];
    const remove = async ({ name }: LedgerStep) => void gone.push(name);
    const events = await back(ledger, remove);
    expect(gone).toEqual(["c", "b", "a"]);
    expect(events.at(-1)).toEqual({ type: "state", state: "removed" });
    expect(await back(ledger, remove)).toEqual([{ type: "state", state: "removed" }]);
    expect(gone).toEqual(["c", "b", "a"]);
  });

  test("goes on past a step that cannot be removed, says so at the end, and tries it again", async () => {
    const ledger = new Map([line("a"), line("b"), line("c")]);
    let stubborn = true;
    const gone: string[] = [];
    const remove = async ({ name }: LedgerStep) => {
      if (name === "b" && stubborn) throw new OperationalError("b is in use.", "Let go of it.");
      gone.push(name);
    };
    const events = await back(ledger, remove);
    expect(gone).toEqual(["c", "a"]);
    const error = { message: "b is in use.", next: "Let go of it.", step: "b" };
    expect(events.at(-1)).toEqual({ type: "state", state: "failed", error });
    stubborn = false;
    expect((await back(ledger, remove)).at(-1)).toEqual({ type: "state", state: "removed" });
    expect(gone).toEqual(["c", "a", "b"]);
  });

  test("after a crash at any event, everything is gone in the end", () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(8), { maxLength: 4 }), async (size, deaths) => {
        const names = Array.from({ length: size }, (_, index) => `step${index}`);
        const ledger = new Map(names.map((name) => line(name)));
        const there = new Set(names);
        const remove = async ({ name }: LedgerStep) => void there.delete(name);
        for (const death of deaths) await back(ledger, remove, death);
        expect((await back(ledger, remove)).at(-1)).toEqual({ type: "state", state: "removed" });
        expect(there.size).toBe(0);
        for (const { state } of ledger.values()) expect(state).toBe("removed");
      }),
    ));
});

async function last(words: AsyncGenerator<DeploymentEvent, Outcome>): Promise<Outcome> {
  for (;;) {
    const { value, done } = await words.next();
    if (done) return value;
  }
}
