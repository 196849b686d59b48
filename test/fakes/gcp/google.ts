import type { ApiRequest, Body } from "./discovery.ts";
import { exists, GoogleError, notFound, type Problem } from "./errors.ts";
import type { Operations } from "./operations.ts";
import { keyOf, type Project, type Resource } from "./project.ts";

/** Failures and responses that a test sets. */
export interface Scenario {
  /** Errors of asynchronous creations, by part of the resource's name. */
  creations: Map<string, string>;
  /** The error of every build; null if builds succeed. */
  build: string | null;
  /** Exit codes of jobs, by part of the job's id. */
  jobs: Map<string, number>;
  /** The status with which the app responds. */
  app: () => number;
  /** The log lines of builds and jobs. */
  lines: string[];
}

export interface LogEntry {
  at: number;
  resource: { type: string; labels: Record<string, string> };
  labels: Record<string, string>;
  text: string;
}

/** The state of the fake that its handlers share. */
export interface Google {
  now(): number;
  pace(): number;
  projects: Map<string, Project>;
  operations: Operations;
  scenario: Scenario;
  billingAccounts: { name: string; displayName: string; open: boolean }[];
  logs: LogEntry[];
  /** Bucket names are global; these belong to other customers. */
  foreignBuckets: Set<string>;
}

export interface Call extends ApiRequest {
  google: Google;
  project: Project;
  caller: { email: string };
}

export type Handler = (call: Call) => Body | null;

export const refuse = (problem: Problem): never => {
  throw new GoogleError(problem);
};

/** Returns the project that a request names by id or number; the id if it does not exist; null if none is named. */
export function projectIn(google: Google, { params, body, api, method }: ApiRequest): Project | string | null {
  const names = [params.parent, params.name, params.resource, params.project, params.projectId];
  if (api === "logging") names.push(`${(body.resourceNames as string[] | undefined)?.[0] ?? ""}`);
  const reference = names.find((candidate) => candidate !== undefined && candidate !== "");
  if (reference === undefined || `${api}.${method}` === "cloudresourcemanager.operations.get") return null;
  const isBareId = params.project === reference || params.projectId === reference;
  const id = isBareId ? reference : /^projects\/([^/:]+)/.exec(reference)?.[1];
  if (id === undefined) return null;
  return [...google.projects.values()].find((candidate) => candidate.id === id || candidate.number === id) ?? id;
}

/** Replaces a project number in a name with the project's id. */
export const canonical = (project: Project, name: string): string =>
  name.replace(/^projects\/[^/:]+/, `projects/${project.id}`);

export function findResource({ project, api }: Pick<Call, "project" | "api">, name: string): Resource | undefined {
  return project.resources.get(keyOf(api, canonical(project, name)));
}

export const getResource = (call: Call, name: string, message?: string): Resource =>
  findResource(call, name) ?? refuse(notFound(message ?? `Resource '${canonical(call.project, name)}' was not found`));

export function createResource(call: Call, kind: string, name: string, body: Body, internal: Body = {}): Resource {
  const { api, project, google } = call;
  const fullName = canonical(project, name);
  if (project.resources.has(keyOf(api, fullName))) refuse(exists(`Resource '${fullName}' already exists.`));
  const stored: Resource = { api, kind, name: fullName, body, policy: null, since: google.now(), internal };
  project.resources.set(keyOf(api, fullName), stored);
  return stored;
}

export function deleteResource({ project, api }: Pick<Call, "project" | "api">, name: string) {
  const fullName = canonical(project, name);
  for (const [key, stored] of project.resources)
    if (stored.api === api && (stored.name === fullName || stored.name.startsWith(`${fullName}/`)))
      project.resources.delete(key);
}

export const creationError = (google: Google, name: string): string | undefined =>
  [...google.scenario.creations].find(([start]) => name.includes(start))?.[1];

export const timestamp = (time: number) => new Date(time).toISOString();

/** Finds a resource of another API in the same project. */
export const resourceOf = (project: Project, api: string, name: string): Resource | undefined =>
  project.resources.get(keyOf(api, canonical(project, name)));

export const hasServiceAccount = (project: Project, email: string): boolean =>
  resourceOf(project, "iam", `projects/${project.id}/serviceAccounts/${email}`) !== undefined;
