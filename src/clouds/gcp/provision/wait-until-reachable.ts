import { OperationalError } from "../../cloud.ts";
import { probeUrl } from "../../probe-url.ts";
import type { ExecutableStep } from "../../walk.ts";
import { builtInSteps } from "../stack.ts";
import type { RunContext } from "./run-context.ts";

const pollIntervalMs = 4_000;
const timeoutMs = 10 * 60_000;
/** Until public access has propagated, Google itself responds with 403 or 404. */
const iamPropagationMs = 2 * 60_000;

/** Polls the app until it responds. */
export const reachableStep = ({ stack, dependencies }: RunContext, url: string, after: string[]): ExecutableStep => ({
  name: builtInSteps.answer,
  dependsOn: after,
  async *execute({ data, signal }) {
    const probedUrl = stack.health === null ? url : new URL(stack.health, url).href;
    const startedAt = Number(data.since ?? dependencies.now().getTime());
    if (data.since !== startedAt) yield { message: url, data: { since: startedAt } };
    for (let previousMessage = ""; ; ) {
      signal.throwIfAborted();
      const status = await probeUrl(dependencies.probe, probedUrl);
      const elapsedMs = dependencies.now().getTime() - startedAt;
      if (typeof status === "number" && status < 500 && (![403, 404].includes(status) || elapsedMs > iamPropagationMs))
        return undefined;
      const message =
        typeof status === "number"
          ? `${probedUrl} answers with ${status}`
          : `${probedUrl} does not answer yet: ${status}`;
      if (message !== previousMessage) yield { lines: [message] };
      previousMessage = message;
      if (elapsedMs > timeoutMs)
        throw new OperationalError(message, "Look into the log of its service in Cloud Run, which says why.");
      await dependencies.sleep(pollIntervalMs, signal);
    }
  },
});
