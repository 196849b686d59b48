import type { Event } from "../../cloud.ts";
import { ask } from "../../probe-url.ts";
import { ownSteps } from "../cloudformation.ts";
import type { Setting } from "./run-context.ts";

const every = 5_000;
/** A CloudFront name takes minutes to be known everywhere. */
const patience = 20 * 60_000;

/** Asks the app until it answers; with the address, the deployment has succeeded. */
export async function* answer({ book, name, stop, world }: Setting, url: string | null): AsyncGenerator<Event> {
  if (url === null) {
    yield { type: "state", state: "succeeded", url: null };
    return;
  }
  const anew = ["waiting", "removed"].includes(book.state(ownSteps.answer));
  const since = anew ? world.now().getTime() : Number(book.data(ownSteps.answer).since);
  if (anew) yield book.step(ownSteps.answer, "running", { message: url, data: { since } });
  for (let said = ""; ; ) {
    stop.throwIfAborted();
    const status = await ask(world.fetch, url);
    if (typeof status === "number" && status < 500) break;
    const now = typeof status === "number" ? `${url} answers with ${status}` : `${url} does not answer yet: ${status}`;
    if (now !== said) yield book.lines(ownSteps.answer, [now]);
    said = now;
    if (world.now().getTime() - since > patience) {
      const next = `Look into its log in CloudWatch. Everything is there, and costs what the plan says, until you remove it (stack ${name}).`;
      if (book.state(ownSteps.answer) !== "failed") yield book.step(ownSteps.answer, "failed", { message: now });
      yield { type: "state", state: "failed", error: { message: now, next, step: ownSteps.answer } };
      return;
    }
    await world.pause(every, stop);
  }
  if (book.state(ownSteps.answer) !== "done") yield book.step(ownSteps.answer, "done");
  yield { type: "state", state: "succeeded", url };
}
