import { OperationalError } from "../../../cloud.ts";
import { readLines } from "../processes/log-reader.ts";
import { findCause } from "./causes.ts";
import { firstError } from "./first-error.ts";

const maxTailLines = 8;

interface FailedCommand {
  /** The first sentence, without its full stop. */
  sentence: string;
  /** null if it still runs or was killed together with its shell. */
  code: number | null;
  log: string;
  hide: (text: string) => string;
  /** Advice if the cause is unknown. */
  next?: string;
}

/** Returns the error for a failed command: what happened, the cause found in its log, or else the first error there. */
export async function commandFailure({
  sentence,
  code,
  log,
  hide,
  next = "Mend what the lines above say, then try again.",
}: FailedCommand): Promise<OperationalError> {
  const lines = await readLines(log, hide);
  const error = firstError(lines);
  const cause = findCause(lines, error, code);
  const evidence = cause?.line ? [cause.line] : error;
  const excerpt = evidence.length > 0 ? evidence : lines.slice(-maxTailLines);
  const firstLine = cause ? `${sentence}: ${cause.reason}.` : `${sentence}.`;
  return new OperationalError([firstLine, ...excerpt].join("\n"), cause?.next ?? next);
}
