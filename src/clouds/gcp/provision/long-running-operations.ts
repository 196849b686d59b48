import { OperationalError } from "../../cloud.ts";
import type { StepUpdate } from "../../walk.ts";
import type { Api } from "../stack.ts";
import type { ApiResponse, ResolvedRequest } from "./api/client.ts";
import { GoogleApiError, parseErrorBody } from "./api/errors.ts";
import { getPath, getString } from "./api/json-path.ts";
import type { RunContext } from "./run-context.ts";

const initialDelayMs = 2_000;
const maxDelayMs = 10_000;
const timeoutMs = 90 * 60_000;

/** Returns the name of the long-running operation in a response; null if there is none. */
export function operationName(api: Api, response: ApiResponse): string | null {
  if (api === "sqladmin" && response.kind === "sql#operation") return getString(response, "name");
  const name = getString(response, "name");
  return /(^|\/)operations\/[^/]+$/.test(name) ? name : null;
}

const getOperation = (api: Api, name: string, project: string): ResolvedRequest => {
  if (api === "sqladmin") return { api, method: "operations.get", params: { project, operation: name } };
  if (name.startsWith("operations/")) return { api, method: "operations.get", params: { name } };
  return { api, method: "projects.locations.operations.get", params: { name } };
};

/** Returns Google's message about the state of an operation. */
function statusMessage(api: Api, operation: ApiResponse): string {
  if (api === "sqladmin") return `${getString(operation, "operationType")} ${getString(operation, "status")}`;
  const messages = ["metadata.terminalCondition.message", "metadata.statusDetail", "metadata.statusMessage"].map(
    (path) => getString(operation, path),
  );
  const state = getString(operation, "metadata.terminalCondition.state") || getString(operation, "metadata.verb");
  return messages.find((text) => text !== "") ?? state;
}

/** Whether the operation is done. Throws OperationFailed if it failed. */
function isDone(api: Api, operation: ApiResponse): boolean {
  const done = api === "sqladmin" ? operation.status === "DONE" : operation.done === true;
  if (!done) return false;
  const [sqlError] = (getPath(operation, "error.errors") as ApiResponse[] | null) ?? [];
  const error = api === "sqladmin" ? sqlError : operation.error;
  if (!error) return true;
  throw new OperationFailed(parseErrorBody({ ...(error as ApiResponse), status: codeName(error as ApiResponse) }, 0));
}

/** Operations contain the number of a google.rpc.Code, responses its name. */
const codeNames: Record<number, string> = {
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
const codeName = ({ code }: ApiResponse): string =>
  typeof code === "number" ? (codeNames[code] ?? `${code}`) : `${code}`;

/** A long-running operation has failed; polling it again would return the same error. */
export class OperationFailed extends Error {
  override name = "OperationFailed";
  apiError: GoogleApiError;
  constructor(apiError: GoogleApiError) {
    super(apiError.message);
    this.apiError = apiError;
  }
}

/**
 * Polls an operation until it is done, and yields its message whenever that changes. Throws OperationFailed if it failed;
 * returns false if Google no longer knows it.
 */
export async function* waitForOperation(
  { call, mask, project, dependencies }: RunContext,
  api: Api,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<StepUpdate, boolean> {
  const startedAt = dependencies.now().getTime();
  let previousMessage = "";
  for (let delay = initialDelayMs; ; delay = Math.min(maxDelayMs, delay * 1.4)) {
    let operation: ApiResponse;
    try {
      operation = await call(getOperation(api, name, project), signal);
    } catch (error) {
      if (error instanceof GoogleApiError && error.status === 404) return false;
      throw error;
    }
    if (isDone(api, operation)) return true;
    const message = mask(statusMessage(api, operation));
    if (message !== previousMessage && message !== "") yield { message: message };
    previousMessage = message;
    if (dependencies.now().getTime() - startedAt > timeoutMs)
      throw new OperationalError(
        `Google has been working at ${name} for more than an hour.`,
        "Look at it in the console, then try again.",
      );
    await dependencies.sleep(delay, signal);
  }
}
