import type { Api, ApiRequest, Resource, Stack, Value } from "../stack.ts";

// Which permission a request needs: https://cloud.google.com/iam/docs/permissions-reference

/** Where permissions have another name than the API. */
const services: Partial<Record<Api, string>> = { cloudresourcemanager: "resourcemanager", sqladmin: "cloudsql" };
/** Where a permission writes a kind in another way: https://cloud.google.com/run/docs/reference/iam/permissions */
const kinds: Record<string, string> = { workerPools: "workerpools" };
const verbs: Record<string, string> = { insert: "create", patch: "update" };
const exact: Record<string, string[]> = {
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
/** To have something run as an account that was made for it. */
const actAs = "iam.serviceAccounts.actAs";

export function permissionsOf({ api, method }: Pick<ApiRequest, "api" | "method">): string[] {
  const known = exact[`${api}.${method}`];
  if (known) return known;
  const [kind = "", verb = ""] = method.split(".").slice(-2);
  if (kind === "operations") return [];
  return [`${services[api] ?? api}.${kinds[kind] ?? kind}.${verbs[verb] ?? verb}`];
}

/** Everything that somebody has to be allowed in their project for this stack to be made and taken away. Sorted. */
export function requiredPermissions({ steps }: Stack): string[] {
  const all = steps.flatMap(({ resources }) => resources).flatMap(requestsOf);
  const inside = all.flatMap(({ params, body }) => [...reads(params), ...reads(body)]);
  const needed = new Set([...all, ...inside].flatMap(permissionsOf));
  if (all.some(({ api, method }) => api === "iam" && method.endsWith(".create"))) needed.add(actAs);
  // To have requests counted in the visitor's own project: https://cloud.google.com/docs/quotas/set-quota-project
  needed.add("serviceusage.services.use");
  // To open a service without IAM: https://cloud.google.com/run/docs/authenticating/public#required_roles
  if (needed.has("run.services.create")) needed.add("run.services.update").add("run.services.setIamPolicy");
  // Looked at to know who an app's address belongs to, and what a step of the build says.
  needed.add("resourcemanager.projects.get");
  if (needed.has("cloudbuild.builds.create") || needed.has("run.jobs.run")) needed.add("logging.logEntries.list");
  if (JSON.stringify(steps).includes('{"is":"subnet"}'))
    needed.add("compute.networks.get").add("compute.subnetworks.get").add("compute.subnetworks.use");
  return [...needed].sort();
}

/** Every request of a resource, those of its end included. */
export function requestsOf(resource: Resource): ApiRequest[] {
  switch (resource.kind) {
    case "thing":
      return [resource.create, resource.find, resource.loosen, resource.remove].filter(
        (one) => one !== undefined && one !== null,
      );
    case "grant":
      return [resource.read, resource.write];
    case "act":
      return [resource.start];
    case "key":
      return [resource.list, resource.create, ...resource.keep, ...resource.remove];
  }
}

/** What is asked of Google in the middle of a value. */
function reads(value: Value | Record<string, Value> | undefined): ApiRequest[] {
  if (typeof value !== "object" || value === null) return [];
  const { read } = value as { read?: Value };
  const here = isRequest(read) ? [read as unknown as ApiRequest] : [];
  return [...here, ...Object.values(value).flatMap((one) => reads(one as Value))];
}

const isRequest = (value: Value | undefined): boolean =>
  typeof value === "object" && value !== null && "api" in value && "method" in value;
