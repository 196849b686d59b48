import type { DeploymentEvent, Run } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { retainedResources } from "./retained-resources.ts";
import { createRunContext, requireAccess } from "./run-context.ts";
import { copyLedger, teardown } from "./teardown.ts";

/** Takes everything away that the ledger knows of, the last first. */
export async function* remove(world: Dependencies, run: Run): AsyncGenerator<DeploymentEvent> {
  const ledger = copyLedger(run.ledger);
  const begun = [...ledger.values()].some(({ state, data }) => state !== "waiting" || Object.keys(data).length > 0);
  if (!begun) {
    yield { type: "state", state: "removed" };
    return;
  }
  const console = `https://console.cloud.google.com/home/dashboard?project=${encodeURIComponent(run.access.project ?? "")}`;
  requireAccess(run, `Lend access to the same project again, or delete what is left there yourself: ${console}`);
  const session = createRunContext(world, run);
  const left = yield* teardown(session, ledger);
  if (left === null) return;
  const [first] = left;
  if (first) {
    const message = left.map((one) => one.message).join("\n");
    yield { type: "state", state: "failed", error: { ...first, message } };
    return;
  }
  const [step] = session.stack.steps;
  const lines = retainedResources(session.stack);
  const told = ledger.get(step?.name ?? "")?.data.told === true;
  if (step && lines.length > 0 && !told) yield { type: "log", step: step.name, lines, data: { told: true } };
  yield { type: "state", state: "removed" };
}
