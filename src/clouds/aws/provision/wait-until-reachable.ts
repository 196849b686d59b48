import type { DeploymentEvent } from "../../cloud.ts";
import { probeUrl } from "../../probe-url.ts";
import { builtInSteps } from "../cloudformation.ts";
import type { RunContext } from "./run-context.ts";

const every = 5_000;
/** A CloudFront name takes minutes to be known everywhere. */
const patience = 20 * 60_000;

/** Asks the app until it answers; with the address, the deployment has succeeded. */
export async function* waitUntilReachable(
  { ledger: book, name, signal: stop, world }: RunContext,
  url: string | null,
): AsyncGenerator<DeploymentEvent> {
  if (url === null) {
    yield { type: "state", state: "succeeded", url: null };
    return;
  }
  const anew = ["waiting", "removed"].includes(book.state(builtInSteps.answer));
  const since = anew ? world.now().getTime() : Number(book.data(builtInSteps.answer).since);
  if (anew) yield book.step(builtInSteps.answer, "running", { message: url, data: { since } });
  for (let said = ""; ; ) {
    stop.throwIfAborted();
    const status = await probeUrl(world.fetch, url);
    if (typeof status === "number" && status < 500) break;
    const now = typeof status === "number" ? `${url} answers with ${status}` : `${url} does not answer yet: ${status}`;
    if (now !== said) yield book.lines(builtInSteps.answer, [now]);
    said = now;
    if (world.now().getTime() - since > patience) {
      const next = `Look into its log in CloudWatch. Everything is there, and costs what the plan says, until you remove it (stack ${name}).`;
      if (book.state(builtInSteps.answer) !== "failed")
        yield book.step(builtInSteps.answer, "failed", { message: now });
      yield { type: "state", state: "failed", error: { message: now, next, step: builtInSteps.answer } };
      return;
    }
    await world.sleep(every, stop);
  }
  if (book.state(builtInSteps.answer) !== "done") yield book.step(builtInSteps.answer, "done");
  yield { type: "state", state: "succeeded", url };
}
