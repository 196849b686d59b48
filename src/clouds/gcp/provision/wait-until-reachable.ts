import { OperationalError } from "../../cloud.ts";
import { probeUrl } from "../../probe-url.ts";
import type { ExecutableStep } from "../../walk.ts";
import { builtInSteps } from "../stack.ts";
import type { RunContext } from "./run-context.ts";

const every = 4_000;
const patience = 10 * 60_000;
/** Who may come in is not known everywhere at once: until then Google says so itself, as 403 or 404. */
const doorkeeping = 2 * 60_000;

/** Asks the app until it answers. */
export const reachableStep = ({ stack, world }: RunContext, url: string, after: string[]): ExecutableStep => ({
  name: builtInSteps.answer,
  dependsOn: after,
  async *execute({ data: before, signal }) {
    const asked = stack.health === null ? url : new URL(stack.health, url).href;
    const since = Number(before.since ?? world.now().getTime());
    if (before.since !== since) yield { message: url, data: { since } };
    for (let said = ""; ; ) {
      signal.throwIfAborted();
      const status = await probeUrl(world.fetch, asked);
      const waited = world.now().getTime() - since;
      if (typeof status === "number" && status < 500 && (![403, 404].includes(status) || waited > doorkeeping))
        return undefined;
      const now =
        typeof status === "number" ? `${asked} answers with ${status}` : `${asked} does not answer yet: ${status}`;
      if (now !== said) yield { lines: [now] };
      said = now;
      if (waited > patience)
        throw new OperationalError(now, "Look into the log of its service in Cloud Run, which says why.");
      await world.sleep(every, signal);
    }
  },
});
