import { randomUUID } from "node:crypto";
import type { Body } from "../discovery.ts";
import { aborted, GoogleError, notFound, precondition } from "../errors.ts";
import {
  type Call,
  canonical,
  createResource,
  creationError,
  deleteResource,
  getResource,
  type Handler,
  refuse,
  timestamp,
} from "../google.ts";
import { shown } from "../operations.ts";
import { policyHandlers } from "../policies.ts";
import { freshEtag, type Resource, textAt, valueAt } from "../project.ts";
import { checkRevision, taskOf, unready } from "./run-rules.ts";

const secondsByKind: Record<string, number> = { services: 22, jobs: 6, workerPools: 18 };
const types: Record<string, string> = { services: "Service", jobs: "Job", workerPools: "WorkerPool" };
const typeUrl = (kind: string) => `type.googleapis.com/google.cloud.run.v2.${types[kind]}`;

const regionOf = (name: string) => name.split("/")[3] ?? "";
const idOf = (name: string) => name.split("/").at(-1) ?? "";

function bodyOf(resource: Resource): Body {
  return structuredClone(resource.body);
}

const withType = (resource: Resource): Body => ({ "@type": typeUrl(resource.kind), ...bodyOf(resource) });

/** Returns a new resource's body, with the fields that Cloud Run adds. */
function initialBody(call: Call, kind: string, name: string): Body {
  const { project, google, body, caller } = call;
  const region = regionOf(name);
  const at = timestamp(google.now());
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

const startOperation = (
  call: Call,
  resource: Resource,
  settle: () => Body | null,
  seconds = secondsByKind[resource.kind] ?? 10,
): Body =>
  shown(
    call.google.operations.start({
      api: "run",
      project: call.project.id,
      name: `projects/${call.project.id}/locations/${regionOf(resource.name)}/operations/${randomUUID()}`,
      seconds: seconds,
      target: resource.name,
      metadata: () => withType(resource),
      settle,
    }),
  );

function failRevision(call: Call, resource: Resource, message: string): never {
  const condition = {
    type: "Ready",
    state: "CONDITION_FAILED",
    message,
    lastTransitionTime: timestamp(call.google.now()),
    revisionReason: "HEALTH_CHECK_CONTAINER_ERROR",
  };
  Object.assign(resource.body, { reconciling: false, terminalCondition: condition });
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
    const resource = createResource(call, kind, name, initialBody(call, kind, name));
    return startOperation(call, resource, () => {
      const error = creationError(google, name) ?? (kind === "jobs" ? null : unready(call, kind, body));
      if (error) failRevision(call, resource, error);
      const condition = { type: "Ready", state: "CONDITION_SUCCEEDED", lastTransitionTime: timestamp(google.now()) };
      Object.assign(resource.body, { reconciling: false, terminalCondition: condition, observedGeneration: "1" });
      if (kind === "services") {
        const revision = `${name}/revisions/${id}-00001-abc`;
        Object.assign(resource.body, { latestReadyRevision: revision, latestCreatedRevision: revision });
      }
      return withType(resource);
    });
  };

function checkPolicies({ project, body }: Call, kind: string) {
  const ingress = project.constraints.get("run.allowedIngress");
  const requested = { INGRESS_TRAFFIC_ALL: "all" }[textAt(body, "ingress") || "INGRESS_TRAFFIC_ALL"] ?? "internal";
  if (kind === "services" && ingress && "allow" in ingress && !ingress.allow.includes(requested))
    refuse(
      precondition(
        `Constraint constraints/run.allowedIngress violated for projects/${project.id} attempting to set ingress to '${requested}'. Expected one of [${ingress.allow}].`,
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
    const resource = getResource(call, call.params.name ?? "");
    if (call.google.operations.pendingFor("run", resource.name).length > 0 && resource.internal.deleting === true)
      refuse(aborted(`Conflict for resource '${idOf(resource.name)}': it is being deleted.`));
    resource.internal.deleting = true;
    Object.assign(resource.body, { deleteTime: timestamp(call.google.now()), reconciling: true });
    return startOperation(
      call,
      resource,
      () => {
        deleteResource(call, resource.name);
        return withType(resource);
      },
      5,
    );
  };

const read: Handler = (call) => bodyOf(getResource(call, call.params.name ?? ""));

const patch: Handler = (call) => {
  const resource = getResource(call, call.params.name ?? "");
  checkRevision(call, resource.kind, idOf(resource.name), { ...resource.body, ...call.body });
  Object.assign(resource.body, call.body, { reconciling: true });
  return startOperation(call, resource, () => {
    const error = creationError(call.google, resource.name) ?? unready(call, resource.kind, resource.body);
    if (error) failRevision(call, resource, error);
    const condition = { type: "Ready", state: "CONDITION_SUCCEEDED", lastTransitionTime: timestamp(call.google.now()) };
    Object.assign(resource.body, { reconciling: false, terminalCondition: condition });
    return withType(resource);
  });
};

const executionSeconds = 25;

const runJob: Handler = (call) => {
  const { google, project } = call;
  const job = getResource(call, call.params.name ?? "");
  if (valueAt(job.body, "terminalCondition.state") !== "CONDITION_SUCCEEDED")
    refuse(precondition(`Job '${idOf(job.name)}' is not ready.`));
  const id = `${idOf(job.name)}-${randomUUID().slice(0, 5)}`;
  const now = timestamp(google.now());
  const execution = createResource(call, "executions", `${job.name}/executions/${id}`, {
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
  const writeLog = (text: string) =>
    google.logs.push({
      at: google.now(),
      resource: { type: "cloud_run_job", labels: { job_name: idOf(job.name), project_id: project.id } },
      labels: { "run.googleapis.com/execution_name": id },
      text,
    });
  for (const line of google.scenario.lines) writeLog(`${idOf(job.name)}: ${line}`);
  const operation = google.operations.start({
    api: "run",
    project: project.id,
    name: `projects/${project.id}/locations/${regionOf(job.name)}/operations/${randomUUID()}`,
    seconds: executionSeconds,
    target: execution.name,
    metadata: () => ({ "@type": "type.googleapis.com/google.cloud.run.v2.Execution", ...bodyOf(execution) }),
    settle: () => {
      const [, code = 0] = [...google.scenario.jobs].find(([start]) => idOf(job.name).includes(start)) ?? [];
      const error =
        unready(call, "jobs", job.body) ??
        (code === 0
          ? null
          : `Task ${id}-task0 failed with exit code: ${code} and message: The container exited with an error.`);
      const state = error ? "CONDITION_FAILED" : "CONDITION_SUCCEEDED";
      Object.assign(execution.body, {
        reconciling: false,
        completionTime: timestamp(google.now()),
        runningCount: 0,
        [error ? "failedCount" : "succeededCount"]: 1,
        conditions: [
          { type: "Completed", state, ...(error ? { message: error, executionReason: "NON_ZERO_EXIT_CODE" } : {}) },
        ],
      });
      if (error) throw new GoogleError(precondition(error));
      return { "@type": "type.googleapis.com/google.cloud.run.v2.Execution", ...bodyOf(execution) };
    },
  });
  return shown(operation);
};

const listExecutions: Handler = (call) => {
  const job = getResource(call, call.params.parent ?? "");
  const executions = [...call.project.resources.values()]
    .filter((execution) => execution.kind === "executions" && execution.name.startsWith(`${job.name}/executions/`))
    .sort((a, b) => b.since - a.since);
  return { executions: executions.map(bodyOf) };
};

const cancelExecution: Handler = (call) => {
  const execution = getResource(call, call.params.name ?? "");
  if (valueAt(execution.body, "completionTime")) refuse(precondition("The execution has ended already."));
  for (const operation of call.google.operations.pendingFor("run", execution.name)) {
    operation.ends = call.google.now();
    operation.settle = () => {
      Object.assign(execution.body, {
        reconciling: false,
        completionTime: timestamp(call.google.now()),
        runningCount: 0,
        cancelledCount: 1,
        conditions: [{ type: "Completed", state: "CONDITION_FAILED", message: "The execution was cancelled." }],
      });
      throw new GoogleError(precondition("The execution was cancelled."));
    };
  }
  return startOperation(call, execution, () => null, 2);
};

const policies = policyHandlers((call) => getResource(call, call.params.resource ?? ""));

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
    const operation = call.google.operations.find("run", canonical(call.project, call.params.name ?? ""));
    return operation ? shown(operation) : refuse(notFound(`Operation ${call.params.name} was not found`));
  },
};

/** Returns the status with which a service responds to a request from the internet. */
export function appStatus(google: Call["google"], url: URL): number {
  for (const project of google.projects.values())
    for (const resource of project.resources.values()) {
      if (resource.kind !== "services" || textAt(resource.body, "uri") !== url.origin) continue;
      if (
        resource.body.reconciling === true ||
        valueAt(resource.body, "terminalCondition.state") !== "CONDITION_SUCCEEDED"
      )
        return 404;
      if (resource.body.ingress !== "INGRESS_TRAFFIC_ALL") return 404;
      const isPublic =
        resource.body.invokerIamDisabled === true ||
        resource.policy?.bindings.some(
          (binding) => binding.role === "roles/run.invoker" && binding.members.includes("allUsers"),
        );
      return isPublic ? google.scenario.app() : 403;
    }
  return 404;
}

export const executionsOf = (google: Call["google"]): Resource[] =>
  [...google.projects.values()].flatMap(({ resources }) =>
    [...resources.values()].filter((resource) => resource.kind === "executions"),
  );
