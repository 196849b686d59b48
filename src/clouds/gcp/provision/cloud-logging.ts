import { isUnauthenticated } from "./api/auth-errors.ts";
import type { ApiResponse } from "./api/client.ts";
import { GoogleApiError, NetworkError } from "./api/errors.ts";
import { getString } from "./api/json-path.ts";
import type { RunContext } from "./run-context.ts";

const page = 500;

/** What Cloud Logging keeps of something. Whoever may not read it goes without. */
export function tailLogs({ client: google, mask: hide, project }: RunContext, filter: string, signal: AbortSignal) {
  let closed = false;
  return {
    /** The lines that came after what was seen last, and where they end. */
    async after(seen: string): Promise<{ lines: string[]; last: string }> {
      if (closed) return { lines: [], last: seen };
      const [time = ""] = seen.split(" ");
      const body = {
        resourceNames: [`projects/${project}`],
        filter: time === "" ? filter : `${filter} AND timestamp>="${time}"`,
        orderBy: "timestamp asc",
        pageSize: page,
      };
      try {
        const found = await google.callWithRetry({ api: "logging", method: "entries.list", params: {}, body }, signal);
        const entries = (Array.isArray(found.entries) ? (found.entries as ApiResponse[]) : []).map((one) => ({
          key: `${getString(one, "timestamp")} ${getString(one, "insertId")}`,
          line: getString(one, "textPayload") || getString(one, "jsonPayload.message"),
        }));
        const fresh = entries.filter(({ key }) => key > seen);
        const last = fresh.at(-1)?.key ?? seen;
        return { lines: fresh.map(({ line }) => hide(line)).filter(Boolean), last };
      } catch (error) {
        if (
          !(error instanceof GoogleApiError || error instanceof NetworkError) ||
          (error instanceof GoogleApiError && isUnauthenticated(error))
        )
          throw error;
        closed = true;
        return { lines: [], last: seen };
      }
    },
  };
}
