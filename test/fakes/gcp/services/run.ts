import { randomUUID } from "node:crypto";
import type { Body } from "../discovery.ts";
import { aborted, GoogleError, notFound, precondition } from "../errors.ts";
import { type Call, canonical, drop, get, type Handler, put, refuse, stamp, wished } from "../google.ts";
import { shown } from "../operations.ts";
import { policyHandlers } from "../policies.ts";
import { at, freshEtag, type Thing, textAt } from "../project.ts";
import { checkRevision, taskOf, unready } from "./run-rules.ts";

const seconds: Record<string, number> = { services: 22, jobs: 6, workerPools: 18 };
const types: Record<string, string> = { services: "Service", jobs: "Job", workerPools: "WorkerPool" };
const typeUrl = (kind: string) => `type.googleapis.com/google.cloud.run.v2.${types[kind]}`;

const regionOf = (name: string) => name.split("/")[3] ?? "";
const idOf = (name: string) => name.split("/").at(-1) ?? "";

function shownAs(thing: Thing): Body {
  return structuredClone(thing.body);
}

const withType = (thing: Thing): Body => ({ "@type": typeUrl(thing.kind), ...shownAs(thing) });

/** What Cloud Run adds to what was asked for. */
function made(call: Call, kind: string, name: string): Body {
  const { project, google, body, caller } = call;
  const region = regionOf(name);
  const at = stamp(google.now());
  const common = {
    ...body,
    name: canonical(project, name),
    uid: randomUUID(),
    generation: "1",
    createTime: at,
    updateTime: at,
    creator: caller.email,
    etag: `"${freshEtag()}"`,
    reconciling: true,
    terminalCondition: { type: "Ready", state: "CONDITION_RECONCILING", lastTransitionTime: at },
    launchStage: "GA",
  };
  if (kind !== "services") return common;
  const uri = `https://${idOf(name)}-${project.number}.${region}.run.app`;
  return { ...common, uri, urls: [uri], ingress: body.ingress ?? "INGRESS_TRAFFIC_ALL" };
}

const begin = (call: Call, thing: Thing, settle: () => Body | null, time = seconds[thing.kind] ?? 10): Body =>
  shown(
    call.google.operations.begin({
      api: "run",
      project: call.project.id,
      name: `projects/${call.project.id}/locations/${regionOf(thing.name)}/operations/${randomUUID()}`,
      seconds: time,
      target: thing.name,
      metadata: () => withType(thing),
      settle,
    }),
  );

function failing(call: Call, thing: Thing, message: string): never {
  const condition = {
    type: "Ready",
    state: "CONDITION_FAILED",
    message,
    lastTransitionTime: stamp(call.google.now()),
    revisionReason: "HEALTH_CHECK_CONTAINER_ERROR",
  };
  Object.assign(thing.body, { reconciling: false, terminalCondition: condition });
  throw new GoogleError(precondition(message));
}

const create =
  (kind: string, parameter: string): Handler =>
  (call) => {
    const { google, project, params, body } = call;
    const id = params[parameter] ?? "";
    const name = `${canonical(project, params.parent ?? "")}/${kind}/${id}`;
    if (!project.regions.has(regionOf(name)))
      refuse(notFound(`Location ${regionOf(name)} is not found or access is unauthorized.`));
    checkRevision(call, kind, id, body);
    checkPolicies(call, kind);
    const thing = put(call, kind, name, made(call, kind, name));
    return begin(call, thing, () => {
      const trouble = wished(google, name) ?? (kind === "jobs" ? null : unready(call, kind, body));
      if (trouble) failing(call, thing, trouble);
      const done = { type: "Ready", state: "CONDITION_SUCCEEDED", lastTransitionTime: stamp(google.now()) };
      Object.assign(thing.body, { reconciling: false, terminalCondition: done, observedGeneration: "1" });
      if (kind === "services") {
        const revision = `${name}/revisions/${id}-00001-abc`;
        Object.assign(thing.body, { latestReadyRevision: revision, latestCreatedRevision: revision });
      }
      return withType(thing);
    });
  };

function checkPolicies({ project, body }: Call, kind: string) {
  const ingress = project.constraints.get("run.allowedIngress");
  const wanted = { INGRESS_TRAFFIC_ALL: "all" }[textAt(body, "ingress") || "INGRESS_TRAFFIC_ALL"] ?? "internal";
  if (kind === "services" && ingress && "allow" in ingress && !ingress.allow.includes(wanted))
    refuse(
      precondition(
        `Constraint constraints/run.allowedIngress violated for projects/${project.id} attempting to set ingress to '${wanted}'. Expected one of [${ingress.allow}].`,
      ),
    );
  const invoker = project.constraints.get("run.managed.requireInvokerIam");
  if (body.invokerIamDisabled === true && invoker && "enforce" in invoker && invoker.enforce)
    refuse(
      precondition(
        `Operation denied by org policy: ["constraints/run.managed.requireInvokerIam": "Require the invoker IAM check."].`,
      ),
    );
}

const remove =
  (): Handler =>
  (call): Body => {
    const thing = get(call, call.params.name ?? "");
    if (call.google.operations.at("run", thing.name).length > 0 && thing.hidden.deleting === true)
      refuse(aborted(`Conflict for resource '${idOf(thing.name)}': it is being deleted.`));
    thing.hidden.deleting = true;
    Object.assign(thing.body, { deleteTime: stamp(call.google.now()), reconciling: true });
    return begin(
      call,
      thing,
      () => {
        drop(call, thing.name);
        return withType(thing);
      },
      5,
    );
  };

const read: Handler = (call) => shownAs(get(call, call.params.name ?? ""));

const patch: Handler = (call) => {
  const thing = get(call, call.params.name ?? "");
  checkRevision(call, thing.kind, idOf(thing.name), { ...thing.body, ...call.body });
  Object.assign(thing.body, call.body, { reconciling: true });
  return begin(call, thing, () => {
    const trouble = wished(call.google, thing.name) ?? unready(call, thing.kind, thing.body);
    if (trouble) failing(call, thing, trouble);
    const done = { type: "Ready", state: "CONDITION_SUCCEEDED", lastTransitionTime: stamp(call.google.now()) };
    Object.assign(thing.body, { reconciling: false, terminalCondition: done });
    return withType(thing);
  });
};

const executionSeconds = 25;

const runJob: Handler = (call) => {
  const { google, project } = call;
  const job = get(call, call.params.name ?? "");
  if (at(job.body, "terminalCondition.state") !== "CONDITION_SUCCEEDED")
    refuse(precondition(`Job '${idOf(job.name)}' is not ready.`));
  const id = `${idOf(job.name)}-${randomUUID().slice(0, 5)}`;
  const now = stamp(google.now());
  const execution = put(call, "executions", `${job.name}/executions/${id}`, {
    name: `${job.name}/executions/${id}`,
    uid: randomUUID(),
    job: idOf(job.name),
    createTime: now,
    startTime: now,
    taskCount: 1,
    runningCount: 1,
    reconciling: true,
    template: taskOf("jobs", job.body),
    conditions: [
      { type: "Started", state: "CONDITION_SUCCEEDED" },
      { type: "Completed", state: "CONDITION_RECONCILING" },
    ],
  });
  const say = (text: string) =>
    google.logs.push({
      at: google.now(),
      resource: { type: "cloud_run_job", labels: { job_name: idOf(job.name), project_id: project.id } },
      labels: { "run.googleapis.com/execution_name": id },
      text,
    });
  for (const line of google.wishes.lines) say(`${idOf(job.name)}: ${line}`);
  const made = google.operations.begin({
    api: "run",
    project: project.id,
    name: `projects/${project.id}/locations/${regionOf(job.name)}/operations/${randomUUID()}`,
    seconds: executionSeconds,
    target: execution.name,
    metadata: () => ({ "@type": "type.googleapis.com/google.cloud.run.v2.Execution", ...shownAs(execution) }),
    settle: () => {
      const [, code = 0] = [...google.wishes.jobs].find(([start]) => idOf(job.name).includes(start)) ?? [];
      const trouble =
        unready(call, "jobs", job.body) ??
        (code === 0
          ? null
          : `Task ${id}-task0 failed with exit code: ${code} and message: The container exited with an error.`);
      const state = trouble ? "CONDITION_FAILED" : "CONDITION_SUCCEEDED";
      Object.assign(execution.body, {
        reconciling: false,
        completionTime: stamp(google.now()),
        runningCount: 0,
        [trouble ? "failedCount" : "succeededCount"]: 1,
        conditions: [
          { type: "Completed", state, ...(trouble ? { message: trouble, executionReason: "NON_ZERO_EXIT_CODE" } : {}) },
        ],
      });
      if (trouble) throw new GoogleError(precondition(trouble));
      return { "@type": "type.googleapis.com/google.cloud.run.v2.Execution", ...shownAs(execution) };
    },
  });
  return shown(made);
};

const listExecutions: Handler = (call) => {
  const job = get(call, call.params.parent ?? "");
  const executions = [...call.project.things.values()]
    .filter((one) => one.kind === "executions" && one.name.startsWith(`${job.name}/executions/`))
    .sort((a, b) => b.since - a.since);
  return { executions: executions.map(shownAs) };
};

const cancelExecution: Handler = (call) => {
  const execution = get(call, call.params.name ?? "");
  if (at(execution.body, "completionTime")) refuse(precondition("The execution has ended already."));
  for (const one of call.google.operations.at("run", execution.name)) {
    one.ends = call.google.now();
    one.settle = () => {
      Object.assign(execution.body, {
        reconciling: false,
        completionTime: stamp(call.google.now()),
        runningCount: 0,
        cancelledCount: 1,
        conditions: [{ type: "Completed", state: "CONDITION_FAILED", message: "The execution was cancelled." }],
      });
      throw new GoogleError(precondition("The execution was cancelled."));
    };
  }
  return begin(call, execution, () => null, 2);
};

const policies = policyHandlers((call) => get(call, call.params.resource ?? ""));

export const run: Record<string, Handler> = {
  "projects.locations.services.create": create("services", "serviceId"),
  "projects.locations.jobs.create": create("jobs", "jobId"),
  "projects.locations.workerPools.create": create("workerPools", "workerPoolId"),
  "projects.locations.services.get": read,
  "projects.locations.jobs.get": read,
  "projects.locations.workerPools.get": read,
  "projects.locations.services.patch": patch,
  "projects.locations.services.delete": remove(),
  "projects.locations.jobs.delete": remove(),
  "projects.locations.workerPools.delete": remove(),
  "projects.locations.services.getIamPolicy": policies.getIamPolicy,
  "projects.locations.services.setIamPolicy": policies.setIamPolicy,
  "projects.locations.jobs.getIamPolicy": policies.getIamPolicy,
  "projects.locations.jobs.setIamPolicy": policies.setIamPolicy,
  "projects.locations.jobs.run": runJob,
  "projects.locations.jobs.executions.get": read,
  "projects.locations.jobs.executions.list": listExecutions,
  "projects.locations.jobs.executions.cancel": cancelExecution,
  "projects.locations.operations.get": (call) => {
    const found = call.google.operations.find("run", canonical(call.project, call.params.name ?? ""));
    return found ? shown(found) : refuse(notFound(`Operation ${call.params.name} was not found`));
  },
};

/** What a service of this project answers to somebody on the internet. */
export function serves(google: Call["google"], url: URL): number {
  for (const project of google.projects.values())
    for (const thing of project.things.values()) {
      if (thing.kind !== "services" || textAt(thing.body, "uri") !== url.origin) continue;
      if (thing.body.reconciling === true || at(thing.body, "terminalCondition.state") !== "CONDITION_SUCCEEDED")
        return 404;
      if (thing.body.ingress !== "INGRESS_TRAFFIC_ALL") return 404;
      const open =
        thing.body.invokerIamDisabled === true ||
        thing.policy?.bindings.some((one) => one.role === "roles/run.invoker" && one.members.includes("allUsers"));
      return open ? google.wishes.app() : 403;
    }
  return 404;
}

export const executionsOf = (google: Call["google"]): Thing[] =>
  [...google.projects.values()].flatMap(({ things }) =>
    [...things.values()].filter((one) => one.kind === "executions"),
  );
