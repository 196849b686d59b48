import type { Action } from "../../stack.ts";
import { shortId } from "../../stack.ts";
import type { ApiResponse, ResolvedRequest } from "../api/client.ts";
import { getPath, getString } from "../api/json-path.ts";
import type { RunContext } from "../run-context.ts";

/** How an action is found again, polled and cancelled. */
export interface ActionAdapter {
  /** Adds to the request what it can be found by later. */
  request(startRequest: ResolvedRequest, tag: string): ResolvedRequest;
  /** Returns the names of existing runs that may be ours, newest first. */
  list(startRequest: ResolvedRequest, tag: string): Promise<string[]>;
  /** Returns the name in the response to the request. */
  nameIn(response: ApiResponse, startRequest: ResolvedRequest): string;
  get(name: string): ResolvedRequest;
  /** Returns Google's message and whether the run is done; `error` if it failed. */
  state(resource: ApiResponse): { message: string; isDone: boolean; error?: string; logUrl?: string };
  /** Returns the filter for its logs in Cloud Logging. */
  log(name: string): string;
  cancel(name: string): ResolvedRequest;
}

const lastSegment = (name: string) => name.split("/").at(-1) ?? "";
const quoted = (text: string) => `"${text.replace(/["\\]/g, "")}"`;

const build = ({ call }: RunContext, signal: AbortSignal): ActionAdapter => ({
  request: (startRequest, tag) => {
    const body = (startRequest.body ?? {}) as ApiResponse;
    return { ...startRequest, body: { ...body, tags: [...(Array.isArray(body.tags) ? body.tags : []), tag] } };
  },
  async list({ params: { parent } }, tag) {
    const params = { parent, filter: `tags=${quoted(tag)}` };
    const resource = await call({ api: "cloudbuild", method: "projects.locations.builds.list", params }, signal);
    const builds = Array.isArray(resource.builds) ? (resource.builds as ApiResponse[]) : [];
    return builds.map((item) => `${parent}/builds/${getString(item, "id")}`);
  },
  nameIn: (response, { params: { parent } }) => `${parent}/builds/${getString(response, "metadata.build.id")}`,
  get: (name) => ({ api: "cloudbuild", method: "projects.locations.builds.get", params: { name } }),
  state(resource) {
    const status = getString(resource, "status");
    const detail = getString(resource, "failureInfo.detail") || getString(resource, "statusDetail");
    const isDone = /^(SUCCESS|FAILURE|INTERNAL_ERROR|TIMEOUT|CANCELLED|EXPIRED)$/.test(status);
    const message = [status, detail].filter(Boolean).join(": ");
    return {
      message,
      isDone,
      ...(isDone && status !== "SUCCESS" ? { error: message, logUrl: getString(resource, "logUrl") } : {}),
    };
  },
  log: (name) => `resource.type="build" AND resource.labels.build_id=${quoted(lastSegment(name))}`,
  cancel: (name) => ({
    api: "cloudbuild",
    method: "projects.locations.builds.cancel",
    params: { name },
    body: { name, projectId: name.split("/")[1], id: lastSegment(name) },
  }),
});

const execution = ({ call }: RunContext, signal: AbortSignal): ActionAdapter => ({
  request: (startRequest) => startRequest,
  async list({ params: { name } }) {
    const params = { parent: name };
    const resource = await call({ api: "run", method: "projects.locations.jobs.executions.list", params }, signal);
    const executions = Array.isArray(resource.executions) ? (resource.executions as ApiResponse[]) : [];
    return executions
      .toSorted((a, b) => (getString(a, "createTime") < getString(b, "createTime") ? 1 : -1))
      .map((item) => getString(item, "name"));
  },
  nameIn: (response) => getString(response, "metadata.name"),
  get: (name) => ({ api: "run", method: "projects.locations.jobs.executions.get", params: { name } }),
  state(resource) {
    const conditions = getPath(resource, "conditions");
    const completed = (Array.isArray(conditions) ? conditions : []).find(
      (item) => getString(item, "type") === "Completed",
    );
    const isDone = getString(resource, "completionTime") !== "";
    const failed = isDone && getString(completed, "state") !== "CONDITION_SUCCEEDED";
    const message = getString(completed, "message") || getString(completed, "state");
    return {
      message,
      isDone,
      ...(failed ? { error: message, logUrl: getString(resource, "logUri") } : {}),
    };
  },
  log: (name) =>
    `resource.type="cloud_run_job" AND labels."run.googleapis.com/execution_name"=${quoted(lastSegment(name))}`,
  cancel: (name) => ({ api: "run", method: "projects.locations.jobs.executions.cancel", params: { name }, body: {} }),
});

const kinds: Record<string, (context: RunContext, signal: AbortSignal) => ActionAdapter> = {
  "cloudbuild.projects.locations.builds.create": build,
  "run.projects.locations.jobs.run": execution,
};

/** Returns the adapter of an action; null if it is idempotent and its operation is enough to follow it. */
export const adapterFor = (
  { start: { api, method } }: Action,
  context: RunContext,
  signal: AbortSignal,
): ActionAdapter | null => kinds[`${api}.${method}`]?.(context, signal) ?? null;

/** Returns the tag by which a build is found if the response was lost. */
export const correlationTag = (deployment: string, step: string, action: string): string =>
  `slipway-${shortId(deployment)}-${step}-${action}`.replace(/[^\w.-]/g, "-").slice(0, 128);
