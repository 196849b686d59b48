import { isUnauthenticated } from "./api/auth-errors.ts";
import type { ApiResponse } from "./api/client.ts";
import { GoogleApiError, NetworkError } from "./api/errors.ts";
import { getString } from "./api/json-path.ts";
import type { RunContext } from "./run-context.ts";

const pageSize = 500;

/** Reads new lines from Cloud Logging; returns none if the visitor may not read logs. */
export function tailLogs({ client: api, mask, project }: RunContext, filter: string, signal: AbortSignal) {
  let closed = false;
  return {
    /** Returns the lines after the cursor, and the next cursor. */
    async after(cursor: string): Promise<{ lines: string[]; cursor: string }> {
      if (closed) return { lines: [], cursor };
      const [time = ""] = cursor.split(" ");
      const body = {
        resourceNames: [`projects/${project}`],
        filter: time === "" ? filter : `${filter} AND timestamp>="${time}"`,
        orderBy: "timestamp asc",
        pageSize: pageSize,
      };
      try {
        const response = await api.callWithRetry({ api: "logging", method: "entries.list", params: {}, body }, signal);
        const entries = (Array.isArray(response.entries) ? (response.entries as ApiResponse[]) : []).map((entry) => ({
          key: `${getString(entry, "timestamp")} ${getString(entry, "insertId")}`,
          line: getString(entry, "textPayload") || getString(entry, "jsonPayload.message"),
        }));
        const newEntries = entries.filter(({ key }) => key > cursor);
        const lastKey = newEntries.at(-1)?.key ?? cursor;
        return { lines: newEntries.map(({ line }) => mask(line)).filter(Boolean), cursor: lastKey };
      } catch (error) {
        if (
          !(error instanceof GoogleApiError || error instanceof NetworkError) ||
          (error instanceof GoogleApiError && isUnauthenticated(error))
        )
          throw error;
        closed = true;
        return { lines: [], cursor };
      }
    },
  };
}
