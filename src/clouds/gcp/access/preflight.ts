import type { Plan } from "../../../plan.ts";
import { type Note, note } from "../../../result.ts";
import { type Access, OperationalError } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { getPath, getString, listAt } from "../provision/api/json-path.ts";
import type { Stack } from "../stack.ts";
import { type ApiCall, interactiveCall } from "./interactive-client.ts";
import { checkNetwork } from "./network-preflight.ts";
import { policyViolations } from "./org-policies.ts";
import { requiredPermissions } from "./permissions.ts";
import { createsRedis, usesSubnet } from "./stack-contents.ts";

/** The limit per call: https://cloud.google.com/resource-manager/reference/rest/v3/projects/testIamPermissions */
const batchSize = 100;
/** How long each check may take. A problem that is not found by then makes its step fail later. */
const timeoutMs = 12_000;

/** Checks the project in parallel before anything is created. Returns every problem found, with advice. */
export async function preflight(dependencies: Dependencies, plan: Plan, access: Access): Promise<Note[]> {
  const { token = "", project = "" } = access;
  const stack = plan.stack as unknown as Stack;
  const call = interactiveCall(dependencies, { token });
  const projectError = await checkProject(call, project);
  if (projectError) return [projectError];
  const abort = new AbortController();
  const timeout = dependencies.sleep(timeoutMs, abort.signal).then(
    () => [],
    () => [],
  );
  const checks: Promise<Note[]>[] = [
    checkBilling(call, project),
    checkPermissions(call, project, requiredPermissions(stack)),
    policyViolations(call, project, stack),
    checkNetworkAndRegion(dependencies, call, plan, access),
  ];
  const results = await Promise.all(checks.map((check) => Promise.race([check.catch(ignoreUnknown), timeout])));
  abort.abort();
  return results.flat();
}

/** A check that Google refuses to answer reports nothing, unless access has expired. */
function ignoreUnknown(error: unknown): Note[] {
  if (!(error instanceof OperationalError)) throw error;
  return error.lapsed ? [expiredNote(error)] : [];
}

const expiredNote = ({ message, next }: OperationalError) => note(message, { path: "access.token", fix: next });

async function checkProject(call: ApiCall, project: string): Promise<Note | null> {
  try {
    const response = await call({
      api: "cloudresourcemanager",
      method: "projects.get",
      params: { name: `projects/${project}` },
    });
    const state = getString(response, "state");
    return state === "ACTIVE"
      ? null
      : note(`The project ${project} is ${state.toLowerCase().replaceAll("_", " ")}.`, {
          path: "access.project",
          fix: "Choose another project, or restore it at https://console.cloud.google.com/cloud-resource-manager.",
        });
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    if (error.lapsed) return expiredNote(error);
    return note(`The project ${project} cannot be reached: ${error.message}`, {
      path: "access.project",
      fix: "Look whether the id is right and whether you signed in with the account that owns the project.",
    });
  }
}

async function checkBilling(call: ApiCall, project: string): Promise<Note[]> {
  const name = `projects/${project}`;
  const info = await call({ api: "cloudbilling", method: "projects.getBillingInfo", params: { name } });
  if (getPath(info, "billingEnabled") === true) return [];
  return [
    note(`Billing is off in the project ${project}, so nothing can be made in it.`, {
      path: "access.project",
      fix: `Link a billing account at https://console.cloud.google.com/billing/linkedaccount?project=${encodeURIComponent(project)}`,
    }),
  ];
}

async function checkPermissions(call: ApiCall, project: string, required: string[]): Promise<Note[]> {
  const batches = Array.from({ length: Math.ceil(required.length / batchSize) }, (_, index) =>
    required.slice(index * batchSize, (index + 1) * batchSize),
  );
  const responses = await Promise.all(
    batches.map((batch) =>
      call({
        api: "cloudresourcemanager",
        method: "projects.testIamPermissions",
        params: { resource: `projects/${project}` },
        body: { permissions: batch },
      }),
    ),
  );
  const granted = new Set(responses.flatMap((response) => listAt(response, "permissions")));
  const missing = required.filter((permission) => !granted.has(permission));
  if (missing.length === 0) return [];
  const firstMissing = missing.slice(0, 5).join(", ");
  const more = missing.length > 5 ? `, and ${missing.length - 5} more` : "";
  return [
    note(
      `You are not allowed everything in the project ${project} that this plan needs. Missing: ${firstMissing}${more}.`,
      {
        path: "access.project",
        fix: "Ask an owner of the project for roles with these permissions, such as Owner; or choose another project.",
      },
    ),
  ];
}

/** Checks the network, and whether Memorystore is available in the region; each only if its API is already enabled. */
async function checkNetworkAndRegion(
  dependencies: Dependencies,
  call: ApiCall,
  plan: Plan,
  access: Access,
): Promise<Note[]> {
  const stack = plan.stack as unknown as Stack;
  const redis = createsRedis(stack);
  const network = usesSubnet(stack);
  if (!redis && !network) return [];
  const { token = "", project = "" } = access;
  const names = ["compute", "redis"].map((api) => `projects/${project}/services/${api}.googleapis.com`);
  const response = await call({
    api: "serviceusage",
    method: "services.batchGet",
    params: { parent: `projects/${project}`, names },
  });
  const isEnabled = (api: string) =>
    listAt(response, "services").some(
      (service) =>
        getString(service, "name").endsWith(`/${api}.googleapis.com`) && getString(service, "state") === "ENABLED",
    );
  // These requests use the quota of the visitor's project, where the API is enabled.
  const projectCall = interactiveCall(dependencies, { token, project });
  const checks = [
    network ? checkNetwork(projectCall, call, plan.region, access, isEnabled("compute")) : [],
    redis && isEnabled("redis") ? checkRedisRegion(projectCall, project, plan.region) : [],
  ];
  return (await Promise.all(checks.map(async (check) => Promise.resolve(check).catch(ignoreUnknown)))).flat();
}

async function checkRedisRegion(call: ApiCall, project: string, region: string): Promise<Note[]> {
  const params = { name: `projects/${project}`, pageSize: 200 };
  const response = await call({ api: "redis", method: "projects.locations.list", params });
  const regions = listAt(response, "locations").map((location) => getString(location, "locationId"));
  if (regions.length === 0 || regions.includes(region)) return [];
  return [
    note(`Memorystore for Redis is not offered in ${region} to this project.`, {
      path: "region",
      fix: "Choose another region.",
    }),
  ];
}
