import type { DeploymentEvent, Run } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { retainedResources } from "./retained-resources.ts";
import { createRunContext, requireAccess } from "./run-context.ts";
import { copyLedger, teardown } from "./teardown.ts";

/** Deletes everything in the ledger, in reverse order. */
export async function* remove(dependencies: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  const ledger = copyLedger(run.ledger);
  const started = [...ledger.values()].some(({ state, data }) => state !== "waiting" || Object.keys(data).length > 0);
  if (!started) {
    yield { type: "state", state: "removed" };
    return;
  }
  const consoleUrl = `https://console.cloud.google.com/home/dashboard?project=${encodeURIComponent(run.access.project ?? "")}`;
  requireAccess(run, `Connect to the same project again, or delete what is left there yourself: ${consoleUrl}`);
  const context = createRunContext(dependencies, run);
  const leftovers = yield* teardown(context, ledger);
  if (leftovers === null) return;
  const [first] = leftovers;
  if (first) {
    const message = leftovers.map((failure) => failure.message).join("\n");
    yield { type: "state", state: "failed", error: { ...first, message } };
    return;
  }
  const [step] = context.stack.steps;
  const lines = retainedResources(context.stack);
  const isReported = ledger.get(step?.name ?? "")?.data.told === true;
  if (step && lines.length > 0 && !isReported) yield { type: "log", step: step.name, lines, data: { told: true } };
  yield { type: "state", state: "removed" };
}
