import { OperationalError } from "../../cloud.ts";
import type { StepUpdate } from "../../walk.ts";
import type { Api } from "../stack.ts";
import type { ApiResponse, ResolvedRequest } from "./api/client.ts";
import { GoogleApiError, parseErrorBody } from "./api/errors.ts";
import { getPath, getString } from "./api/json-path.ts";
import type { RunContext } from "./run-context.ts";

const first = 2_000;
const slowest = 10_000;
const patience = 90 * 60_000;

/** The name under which Google goes on working at what was asked; null when it is done already. */
export function operationName(api: Api, answer: ApiResponse): string | null {
  if (api === "sqladmin" && answer.kind === "sql#operation") return getString(answer, "name");
  const name = getString(answer, "name");
  return /(^|\/)operations\/[^/]+$/.test(name) ? name : null;
}

const poll = (api: Api, name: string, project: string): ResolvedRequest => {
  if (api === "sqladmin") return { api, method: "operations.get", params: { project, operation: name } };
  if (name.startsWith("operations/")) return { api, method: "operations.get", params: { name } };
  return { api, method: "projects.locations.operations.get", params: { name } };
};

/** How it stands, in Google's own words. */
function words(api: Api, operation: ApiResponse): string {
  if (api === "sqladmin") return `${getString(operation, "operationType")} ${getString(operation, "status")}`;
  const said = ["metadata.terminalCondition.message", "metadata.statusDetail", "metadata.statusMessage"].map((path) =>
    getString(operation, path),
  );
  const state = getString(operation, "metadata.terminalCondition.state") || getString(operation, "metadata.verb");
  return said.find((text) => text !== "") ?? state;
}

/** What it has come to: null while it goes on; throws `Refused` when it failed. */
function outcome(api: Api, operation: ApiResponse): true | null {
  const done = api === "sqladmin" ? operation.status === "DONE" : operation.done === true;
  if (!done) return null;
  const [sql] = (getPath(operation, "error.errors") as ApiResponse[] | null) ?? [];
  const error = api === "sqladmin" ? sql : operation.error;
  if (!error) return true;
  throw new OperationFailed(parseErrorBody({ ...(error as ApiResponse), status: codeOf(error as ApiResponse) }, 0));
}

/** Operations tell a number of google.rpc.Code where answers tell its name. */
const names: Record<number, string> = {
  3: "INVALID_ARGUMENT",
  5: "NOT_FOUND",
  6: "ALREADY_EXISTS",
  7: "PERMISSION_DENIED",
  8: "RESOURCE_EXHAUSTED",
  9: "FAILED_PRECONDITION",
  10: "ABORTED",
  13: "INTERNAL",
  14: "UNAVAILABLE",
  16: "UNAUTHENTICATED_THERE",
};
const codeOf = ({ code }: ApiResponse): string => (typeof code === "number" ? (names[code] ?? `${code}`) : `${code}`);

/** Google went to work and came to nothing: asked again, it would say the same. */
export class OperationFailed extends Error {
  override name = "Failed";
  why: GoogleApiError;
  constructor(why: GoogleApiError) {
    super(why.message);
    this.why = why;
  }
}

/**
 * Waits until Google has done what it began, saying how it stands whenever that changes. Throws `Failed` when it came
 * to nothing; gives false when nobody knows of it any more.
 */
export async function* waitForOperation(
  { call: ask, mask: hide, project, world }: RunContext,
  api: Api,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate, boolean> {
  const since = world.now().getTime();
  let said = "";
  for (let wait = first; ; wait = Math.min(slowest, wait * 1.4)) {
    let operation: ApiResponse;
    try {
      operation = await ask(poll(api, name, project), signal);
    } catch (error) {
      if (error instanceof GoogleApiError && error.status === 404) return false;
      throw error;
    }
    if (outcome(api, operation)) return true;
    const now = hide(words(api, operation));
    if (now !== said && now !== "") yield { message: now };
    said = now;
    if (world.now().getTime() - since > patience)
      throw new OperationalError(
        `Google has been working at ${name} for more than an hour.`,
        "Look at it in the console, then try again.",
      );
    await world.sleep(wait, signal);
  }
}
