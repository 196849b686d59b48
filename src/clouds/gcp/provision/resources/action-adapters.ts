import type { Act } from "../../stack.ts";
import { shortId } from "../../stack.ts";
import type { Answer, Ready } from "../api/client.ts";
import { pick, textAt } from "../resolve-values.ts";
import type { Session } from "../run-context.ts";

/** How something that ends is found again, watched, and broken off. */
export interface Doing {
  /** What the request says more, so that it is found again. */
  request(begun: Ready, tag: string): Ready;
  /** Those there are by now that may be ours, the newest first, by name. */
  list(begun: Ready, tag: string): Promise<string[]>;
  /** In the answer to the request. */
  nameIn(answer: Answer, begun: Ready): string;
  look(name: string): Ready;
  /** How it stands: in Google's words, and whether it is over; `why`: it failed. */
  state(found: Answer): { words: string; over: boolean; why?: string; at?: string };
  /** What Cloud Logging keeps of it. */
  log(name: string): string;
  cancel(name: string): Ready;
}

const last = (name: string) => name.split("/").at(-1) ?? "";
const quoted = (text: string) => `"${text.replace(/["\\]/g, "")}"`;

const build = ({ ask }: Session, signal: AbortSignal): Doing => ({
  request: (begun, tag) => {
    const body = (begun.body ?? {}) as Answer;
    return { ...begun, body: { ...body, tags: [...(Array.isArray(body.tags) ? body.tags : []), tag] } };
  },
  async list({ params: { parent } }, tag) {
    const params = { parent, filter: `tags=${quoted(tag)}` };
    const found = await ask({ api: "cloudbuild", method: "projects.locations.builds.list", params }, signal);
    const builds = Array.isArray(found.builds) ? (found.builds as Answer[]) : [];
    return builds.map((one) => `${parent}/builds/${textAt(one, "id")}`);
  },
  nameIn: (answer, { params: { parent } }) => `${parent}/builds/${textAt(answer, "metadata.build.id")}`,
  look: (name) => ({ api: "cloudbuild", method: "projects.locations.builds.get", params: { name } }),
  state(found) {
    const status = textAt(found, "status");
    const detail = textAt(found, "failureInfo.detail") || textAt(found, "statusDetail");
    const over = /^(SUCCESS|FAILURE|INTERNAL_ERROR|TIMEOUT|CANCELLED|EXPIRED)$/.test(status);
    const words = [status, detail].filter(Boolean).join(": ");
    return { words, over, ...(over && status !== "SUCCESS" ? { why: words, at: textAt(found, "logUrl") } : {}) };
  },
  log: (name) => `resource.type="build" AND resource.labels.build_id=${quoted(last(name))}`,
  cancel: (name) => ({
    api: "cloudbuild",
    method: "projects.locations.builds.cancel",
    params: { name },
    body: { name, projectId: name.split("/")[1], id: last(name) },
  }),
});

const execution = ({ ask }: Session, signal: AbortSignal): Doing => ({
  request: (begun) => begun,
  async list({ params: { name } }) {
    const params = { parent: name };
    const found = await ask({ api: "run", method: "projects.locations.jobs.executions.list", params }, signal);
    const all = Array.isArray(found.executions) ? (found.executions as Answer[]) : [];
    return all
      .toSorted((a, b) => (textAt(a, "createTime") < textAt(b, "createTime") ? 1 : -1))
      .map((one) => textAt(one, "name"));
  },
  nameIn: (answer) => textAt(answer, "metadata.name"),
  look: (name) => ({ api: "run", method: "projects.locations.jobs.executions.get", params: { name } }),
  state(found) {
    const conditions = pick(found, "conditions");
    const completed = (Array.isArray(conditions) ? conditions : []).find((one) => textAt(one, "type") === "Completed");
    const over = textAt(found, "completionTime") !== "";
    const message = textAt(completed, "message");
    const failed = over && textAt(completed, "state") !== "CONDITION_SUCCEEDED";
    const words = message || textAt(completed, "state");
    return { words, over, ...(failed ? { why: words, at: textAt(found, "logUri") } : {}) };
  },
  log: (name) => `resource.type="cloud_run_job" AND labels."run.googleapis.com/execution_name"=${quoted(last(name))}`,
  cancel: (name) => ({ api: "run", method: "projects.locations.jobs.executions.cancel", params: { name }, body: {} }),
});

const kinds: Record<string, (session: Session, signal: AbortSignal) => Doing> = {
  "cloudbuild.projects.locations.builds.create": build,
  "run.projects.locations.jobs.run": execution,
};

/** null: it does no harm when it is done twice, and Google's operation tells all there is to tell. */
export const doingOf = ({ start: { api, method } }: Act, session: Session, signal: AbortSignal): Doing | null =>
  kinds[`${api}.${method}`]?.(session, signal) ?? null;

/** By what a build is found whose answer was lost; only letters, digits and dashes. */
export const tagOf = (deployment: string, step: string, act: string): string =>
  `slipway-${shortId(deployment)}-${step}-${act}`.replace(/[^\w.-]/g, "-").slice(0, 128);
