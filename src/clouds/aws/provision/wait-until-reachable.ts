import type { DeploymentEvent } from "../../cloud.ts";
import { probeUrl } from "../../probe-url.ts";
import { builtInSteps } from "../cloudformation.ts";
import type { RunContext } from "./run-context.ts";

const pollIntervalMs = 5_000;
/** A new CloudFront domain takes minutes to propagate. */
const timeoutMs = 20 * 60_000;

/** Polls the app's URL until it responds. The deployment succeeds only then. */
export async function* waitUntilReachable(
  { ledger, name, signal, dependencies }: RunContext,
  url: string | null,
): AsyncGenerator<DeploymentEvent> {
  if (url === null) {
    yield { type: "state", state: "succeeded", url: null };
    return;
  }
  const isFirstAttempt = ["waiting", "removed"].includes(ledger.state(builtInSteps.answer));
  const startedAt = isFirstAttempt ? dependencies.now().getTime() : Number(ledger.data(builtInSteps.answer).since);
  if (isFirstAttempt) yield ledger.step(builtInSteps.answer, "running", { message: url, data: { since: startedAt } });
  for (let previousMessage = ""; ; ) {
    signal.throwIfAborted();
    const status = await probeUrl(dependencies.probe, url);
    if (typeof status === "number" && status < 500) break;
    const message =
      typeof status === "number" ? `${url} answers with ${status}` : `${url} does not answer yet: ${status}`;
    if (message !== previousMessage) yield ledger.lines(builtInSteps.answer, [message]);
    previousMessage = message;
    if (dependencies.now().getTime() - startedAt > timeoutMs) {
      const next = `Look into its log in CloudWatch. Everything is there, and costs what the plan says, until you remove it (stack ${name}).`;
      if (ledger.state(builtInSteps.answer) !== "failed") yield ledger.step(builtInSteps.answer, "failed", { message });
      yield { type: "state", state: "failed", error: { message, next, step: builtInSteps.answer } };
      return;
    }
    await dependencies.sleep(pollIntervalMs, signal);
  }
  if (ledger.state(builtInSteps.answer) !== "done") yield ledger.step(builtInSteps.answer, "done");
  yield { type: "state", state: "succeeded", url };
}
