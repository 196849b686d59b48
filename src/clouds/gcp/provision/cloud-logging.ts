import { lapsed } from "./api/auth-errors.ts";
import type { Answer } from "./api/client.ts";
import { Lost, Refused } from "./api/errors.ts";
import { textAt } from "./resolve-values.ts";
import type { Session } from "./run-context.ts";

const page = 500;

/** What Cloud Logging keeps of something. Whoever may not read it goes without. */
export function logOf({ google, hide, project }: Session, filter: string, signal: AbortSignal) {
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
        const found = await google.ask({ api: "logging", method: "entries.list", params: {}, body }, signal);
        const entries = (Array.isArray(found.entries) ? (found.entries as Answer[]) : []).map((one) => ({
          key: `${textAt(one, "timestamp")} ${textAt(one, "insertId")}`,
          line: textAt(one, "textPayload") || textAt(one, "jsonPayload.message"),
        }));
        const fresh = entries.filter(({ key }) => key > seen);
        const last = fresh.at(-1)?.key ?? seen;
        return { lines: fresh.map(({ line }) => hide(line)).filter(Boolean), last };
      } catch (error) {
        if (!(error instanceof Refused || error instanceof Lost) || (error instanceof Refused && lapsed(error)))
          throw error;
        closed = true;
        return { lines: [], last: seen };
      }
    },
  };
}
