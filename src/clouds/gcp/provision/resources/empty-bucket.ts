import type { StepUpdate } from "../../../walk.ts";
import type { ApiResponse } from "../api/client.ts";
import { GoogleApiError } from "../api/errors.ts";
import { getString } from "../api/json-path.ts";
import type { RunContext } from "../run-context.ts";

const together = 20;

/** Deletes every version of every object in a bucket: Google deletes none that is not empty. */
export async function* emptyBucket(
  { call: ask }: RunContext,
  { bucket }: Record<string, unknown>,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate> {
  let gone = 0;
  for (;;) {
    signal.throwIfAborted();
    const page = await ask({ api: "storage", method: "objects.list", params: { bucket, versions: true } }, signal);
    const items = Array.isArray(page.items) ? (page.items as ApiResponse[]) : [];
    if (items.length === 0) break;
    for (let from = 0; from < items.length; from += together)
      await Promise.all(items.slice(from, from + together).map((item) => remove(item)));
    gone += items.length;
  }
  if (gone > 0) yield { lines: [`${bucket} emptied of ${gone} ${gone === 1 ? "object" : "objects"}`] };

  async function remove(item: ApiResponse) {
    const params = { bucket, object: getString(item, "name"), generation: getString(item, "generation") };
    try {
      await ask({ api: "storage", method: "objects.delete", params }, signal);
    } catch (error) {
      if (!(error instanceof GoogleApiError && error.status === 404)) throw error;
    }
  }
}
