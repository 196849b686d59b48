import type { Asked, Body } from "./discovery.ts";
import { exists, GoogleError, notFound, type Problem } from "./errors.ts";
import type { Operations } from "./operations.ts";
import { keyOf, type Project, type Thing } from "./project.ts";

/** Failures and responses that a test sets. */
export interface Wishes {
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
  wishes: Wishes;
  billingAccounts: { name: string; displayName: string; open: boolean }[];
  logs: LogEntry[];
  /** Bucket names are global; these belong to other customers. */
  strangersBuckets: Set<string>;
}

export interface Call extends Asked {
  google: Google;
  project: Project;
  caller: { email: string };
}

export type Handler = (call: Call) => Body | null;

export const refuse = (problem: Problem): never => {
  throw new GoogleError(problem);
};

/** Returns the project that a request names by id or number; the id if it does not exist; null if none is named. */
export function projectIn(google: Google, { params, body, api, method }: Asked): Project | string | null {
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

export function find({ project, api }: Pick<Call, "project" | "api">, name: string): Thing | undefined {
  return project.things.get(keyOf(api, canonical(project, name)));
}

export const get = (call: Call, name: string, message?: string): Thing =>
  find(call, name) ?? refuse(notFound(message ?? `Resource '${canonical(call.project, name)}' was not found`));

export function put(call: Call, kind: string, name: string, body: Body, hidden: Body = {}): Thing {
  const { api, project, google } = call;
  const fullName = canonical(project, name);
  if (project.things.has(keyOf(api, fullName))) refuse(exists(`Resource '${fullName}' already exists.`));
  const thing: Thing = { api, kind, name: fullName, body, policy: null, since: google.now(), hidden };
  project.things.set(keyOf(api, fullName), thing);
  return thing;
}

export function drop({ project, api }: Pick<Call, "project" | "api">, name: string) {
  const fullName = canonical(project, name);
  for (const [key, thing] of project.things)
    if (thing.api === api && (thing.name === fullName || thing.name.startsWith(`${fullName}/`)))
      project.things.delete(key);
}

export const wished = (google: Google, name: string): string | undefined =>
  [...google.wishes.creations].find(([start]) => name.includes(start))?.[1];

export const stamp = (time: number) => new Date(time).toISOString();

/** Finds a resource of another API in the same project. */
export const other = (project: Project, api: string, name: string): Thing | undefined =>
  project.things.get(keyOf(api, canonical(project, name)));

export const accountThere = (project: Project, email: string): boolean =>
  other(project, "iam", `projects/${project.id}/serviceAccounts/${email}`) !== undefined;
