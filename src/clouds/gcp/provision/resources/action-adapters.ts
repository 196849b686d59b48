import type { Action } from "../../stack.ts";
import { shortId } from "../../stack.ts";
import type { ApiResponse, ResolvedRequest } from "../api/client.ts";
import { getPath, getString } from "../api/json-path.ts";
import type { RunContext } from "../run-context.ts";

/** How something that ends is found again, watched, and broken off. */
export interface ActionAdapter {
  /** What the request says more, so that it is found again. */
  request(begun: ResolvedRequest, tag: string): ResolvedRequest;
  /** Those there are by now that may be ours, the newest first, by name. */
  list(begun: ResolvedRequest, tag: string): Promise<string[]>;
  /** In the answer to the request. */
  nameIn(answer: ApiResponse, begun: ResolvedRequest): string;
  get(name: string): ResolvedRequest;
  /** How it stands: in Google's words, and whether it is over; `why`: it failed. */
  state(found: ApiResponse): { words: string; over: boolean; why?: string; at?: string };
  /** What Cloud Logging keeps of it. */
  log(name: string): string;
  cancel(name: string): ResolvedRequest;
}

const last = (name: string) => name.split("/").at(-1) ?? "";
const quoted = (text: string) => `"${text.replace(/["\\]/g, "")}"`;

const build = ({ call: ask }: RunContext, signal: AbortSignal): ActionAdapter => ({
  request: (begun, tag) => {
    const body = (begun.body ?? {}) as ApiResponse;
    return { ...begun, body: { ...body, tags: [...(Array.isArray(body.tags) ? body.tags : []), tag] } };
  },
  async list({ params: { parent } }, tag) {
    const params = { parent, filter: `tags=${quoted(tag)}` };
    const found = await ask({ api: "cloudbuild", method: "projects.locations.builds.list", params }, signal);
    const builds = Array.isArray(found.builds) ? (found.builds as ApiResponse[]) : [];
    return builds.map((one) => `${parent}/builds/${getString(one, "id")}`);
  },
  nameIn: (answer, { params: { parent } }) => `${parent}/builds/${getString(answer, "metadata.build.id")}`,
  get: (name) => ({ api: "cloudbuild", method: "projects.locations.builds.get", params: { name } }),
  state(found) {
    const status = getString(found, "status");
    const detail = getString(found, "failureInfo.detail") || getString(found, "statusDetail");
    const over = /^(SUCCESS|FAILURE|INTERNAL_ERROR|TIMEOUT|CANCELLED|EXPIRED)$/.test(status);
    const words = [status, detail].filter(Boolean).join(": ");
    return { words, over, ...(over && status !== "SUCCESS" ? { why: words, at: getString(found, "logUrl") } : {}) };
  },
  log: (name) => `resource.type="build" AND resource.labels.build_id=${quoted(last(name))}`,
  cancel: (name) => ({
    api: "cloudbuild",
    method: "projects.locations.builds.cancel",
    params: { name },
    body: { name, projectId: name.split("/")[1], id: last(name) },
  }),
});

const execution = ({ call: ask }: RunContext, signal: AbortSignal): ActionAdapter => ({
  request: (begun) => begun,
  async list({ params: { name } }) {
    const params = { parent: name };
    const found = await ask({ api: "run", method: "projects.locations.jobs.executions.list", params }, signal);
    const all = Array.isArray(found.executions) ? (found.executions as ApiResponse[]) : [];
    return all
      .toSorted((a, b) => (getString(a, "createTime") < getString(b, "createTime") ? 1 : -1))
      .map((one) => getString(one, "name"));
  },
  nameIn: (answer) => getString(answer, "metadata.name"),
  get: (name) => ({ api: "run", method: "projects.locations.jobs.executions.get", params: { name } }),
  state(found) {
    const conditions = getPath(found, "conditions");
    const completed = (Array.isArray(conditions) ? conditions : []).find(
      (one) => getString(one, "type") === "Completed",
    );
    const over = getString(found, "completionTime") !== "";
    const message = getString(completed, "message");
    const failed = over && getString(completed, "state") !== "CONDITION_SUCCEEDED";
    const words = message || getString(completed, "state");
    return { words, over, ...(failed ? { why: words, at: getString(found, "logUri") } : {}) };
  },
  log: (name) => `resource.type="cloud_run_job" AND labels."run.googleapis.com/execution_name"=${quoted(last(name))}`,
  cancel: (name) => ({ api: "run", method: "projects.locations.jobs.executions.cancel", params: { name }, body: {} }),
});

const kinds: Record<string, (session: RunContext, signal: AbortSignal) => ActionAdapter> = {
  "cloudbuild.projects.locations.builds.create": build,
  "run.projects.locations.jobs.run": execution,
};

/** null: it does no harm when it is done twice, and Google's operation tells all there is to tell. */
export const adapterFor = (
  { start: { api, method } }: Action,
  session: RunContext,
  signal: AbortSignal,
): ActionAdapter | null => kinds[`${api}.${method}`]?.(session, signal) ?? null;

/** By what a build is found whose answer was lost; only letters, digits and dashes. */
export const correlationTag = (deployment: string, step: string, act: string): string =>
  `slipway-${shortId(deployment)}-${step}-${act}`.replace(/[^\w.-]/g, "-").slice(0, 128);
