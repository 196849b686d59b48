import type { StepUpdate } from "../../../walk.ts";
import type { ApiResponse } from "../api/client.ts";
import { GoogleApiError } from "../api/errors.ts";
import { getString } from "../api/json-path.ts";
import type { RunContext } from "../run-context.ts";

const concurrency = 20;

/** Deletes every version of every object in a bucket, because Google deletes only empty buckets. */
export async function* emptyBucket(
  { call }: RunContext,
  { bucket }: Record<string, unknown>,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate> {
  let deleted = 0;
  for (;;) {
    signal.throwIfAborted();
    const page = await call({ api: "storage", method: "objects.list", params: { bucket, versions: true } }, signal);
    const items = Array.isArray(page.items) ? (page.items as ApiResponse[]) : [];
    if (items.length === 0) break;
    for (let start = 0; start < items.length; start += concurrency)
      await Promise.all(items.slice(start, start + concurrency).map((item) => deleteObject(item)));
    deleted += items.length;
  }
  if (deleted > 0) yield { lines: [`${bucket} emptied of ${deleted} ${deleted === 1 ? "object" : "objects"}`] };

  async function deleteObject(item: ApiResponse) {
    const params = { bucket, object: getString(item, "name"), generation: getString(item, "generation") };
    try {
      await call({ api: "storage", method: "objects.delete", params }, signal);
    } catch (error) {
      if (!(error instanceof GoogleApiError && error.status === 404)) throw error;
    }
  }
}
