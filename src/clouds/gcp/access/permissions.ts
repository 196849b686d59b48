import type { Api, ApiRequest, Resource, Stack, Value } from "../stack.ts";
import { usesSubnet } from "./stack-contents.ts";

// The permission that each request needs: https://cloud.google.com/iam/docs/permissions-reference

/** APIs whose permissions have another prefix. */
const services: Partial<Record<Api, string>> = { cloudresourcemanager: "resourcemanager", sqladmin: "cloudsql" };
/** Resource types that permissions spell differently: https://cloud.google.com/run/docs/reference/iam/permissions */
const resourceTypes: Record<string, string> = { workerPools: "workerpools" };
const verbs: Record<string, string> = { insert: "create", patch: "update" };
const exactByMethod: Record<string, string[]> = {
  "cloudbuild.projects.locations.builds.cancel": ["cloudbuild.builds.update"],
  "cloudbuild.projects.locations.builds.create": [
    "cloudbuild.builds.create",
    "cloudbuild.builds.get",
    "cloudbuild.builds.list",
  ],
  "logging.entries.list": ["logging.logEntries.list"],
  "run.projects.locations.jobs.run": ["run.jobs.run", "run.executions.get", "run.executions.list"],
  "secretmanager.projects.secrets.addVersion": ["secretmanager.versions.add"],
  "serviceusage.services.batchEnable": ["serviceusage.services.enable", "serviceusage.services.get"],
};
/** Needed to attach a service account to a build, service or job. */
const actAs = "iam.serviceAccounts.actAs";

export function permissionsOf({ api, method }: Pick<ApiRequest, "api" | "method">): string[] {
  const exactPermissions = exactByMethod[`${api}.${method}`];
  if (exactPermissions) return exactPermissions;
  const [kind = "", verb = ""] = method.split(".").slice(-2);
  if (kind === "operations") return [];
  return [`${services[api] ?? api}.${resourceTypes[kind] ?? kind}.${verbs[verb] ?? verb}`];
}

/** Returns every permission that a user needs in the project to create and delete this stack, sorted. */
export function requiredPermissions(stack: Stack): string[] {
  const requests = stack.steps.flatMap(({ resources }) => resources).flatMap(requestsOf);
  const nestedRequests = requests.flatMap(({ params, body }) => [...nestedReads(params), ...nestedReads(body)]);
  const permissions = new Set([...requests, ...nestedRequests].flatMap(permissionsOf));
  if (requests.some(({ api, method }) => api === "iam" && method.endsWith(".create"))) permissions.add(actAs);
  // To charge the quota of the visitor's project: https://cloud.google.com/docs/quotas/set-quota-project
  permissions.add("serviceusage.services.use");
  // To make a service public without IAM: https://cloud.google.com/run/docs/authenticating/public#required_roles
  if (permissions.has("run.services.create")) permissions.add("run.services.update").add("run.services.setIamPolicy");
  // The project number is a part of the service URL; the logs are those of builds and jobs.
  permissions.add("resourcemanager.projects.get");
  if (permissions.has("cloudbuild.builds.create") || permissions.has("run.jobs.run"))
    permissions.add("logging.logEntries.list");
  if (usesSubnet(stack))
    permissions.add("compute.networks.get").add("compute.subnetworks.get").add("compute.subnetworks.use");
  return [...permissions].sort();
}

/** Returns every request of a resource, including those that delete it. */
export function requestsOf(resource: Resource): ApiRequest[] {
  switch (resource.kind) {
    case "thing":
      return [resource.create, resource.find, resource.loosen, resource.remove].filter(
        (request) => request !== undefined && request !== null,
      );
    case "grant":
      return [resource.read, resource.write];
    case "act":
      return [resource.start];
    case "key":
      return [resource.list, resource.create, ...resource.keep, ...resource.remove];
  }
}

/** Returns the `read` requests nested in a value. */
function nestedReads(value: Value | Record<string, Value> | undefined): ApiRequest[] {
  if (typeof value !== "object" || value === null) return [];
  const { read } = value as { read?: Value };
  const own = isRequest(read) ? [read as unknown as ApiRequest] : [];
  return [...own, ...Object.values(value).flatMap((child) => nestedReads(child as Value))];
}

const isRequest = (value: Value | undefined): boolean =>
  typeof value === "object" && value !== null && "api" in value && "method" in value;
