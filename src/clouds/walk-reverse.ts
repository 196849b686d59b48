import type { Failure } from "../plan.ts";
import { type DeploymentEvent, type LedgerStep, OperationalError, type Run, toFailure } from "./cloud.ts";

/**
 * Removes the ledger's steps in reverse order, continuing after a failure. `remove` must succeed for what is gone
 * already. Ends in `removed`, or in `failed` with all failures.
 */
export async function* walkReverse(
  run: Pick<Run, "ledger" | "signal" | "drainSignal">,
  remove: (step: LedgerStep) => Promise<void>,
): AsyncGenerator<DeploymentEvent> {
  const failures: Failure[] = [];
  for (const step of [...run.ledger.values()].reverse()) {
    const { name } = step;
    if (step.state === "removed") continue;
    if (run.signal.aborted || run.drainSignal.aborted) return;
    try {
      await remove(step);
      yield { type: "step", name, state: "removed" };
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      failures.push(toFailure(error, name));
      yield { type: "step", name, state: "failed", message: error.message };
    }
  }
  const [first] = failures;
  if (!first) yield { type: "state", state: "removed" };
  else
    yield {
      type: "state",
      state: "failed",
      error: { ...first, message: failures.map(({ message }) => message).join("\n") },
    };
}
