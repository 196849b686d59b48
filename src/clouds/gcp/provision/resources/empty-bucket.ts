import type { Said } from "../../../walk.ts";
import type { Answer } from "../api/client.ts";
import { Refused } from "../api/errors.ts";
import { textAt } from "../resolve-values.ts";
import type { Session } from "../run-context.ts";

const together = 20;

/** Deletes every version of every object in a bucket: Google deletes none that is not empty. */
export async function* empty(
  { ask }: Session,
  { bucket }: Record<string, unknown>,
  signal: AbortSignal,
): AsyncGenerator<Said> {
  let gone = 0;
  for (;;) {
    signal.throwIfAborted();
    const page = await ask({ api: "storage", method: "objects.list", params: { bucket, versions: true } }, signal);
    const items = Array.isArray(page.items) ? (page.items as Answer[]) : [];
    if (items.length === 0) break;
    for (let from = 0; from < items.length; from += together)
      await Promise.all(items.slice(from, from + together).map((item) => remove(item)));
    gone += items.length;
  }
  if (gone > 0) yield { lines: [`${bucket} emptied of ${gone} ${gone === 1 ? "object" : "objects"}`] };

  async function remove(item: Answer) {
    const params = { bucket, object: textAt(item, "name"), generation: textAt(item, "generation") };
    try {
      await ask({ api: "storage", method: "objects.delete", params }, signal);
    } catch (error) {
      if (!(error instanceof Refused && error.status === 404)) throw error;
    }
  }
}
