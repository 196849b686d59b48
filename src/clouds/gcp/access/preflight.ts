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

/** Most in one call: https://cloud.google.com/resource-manager/reference/rest/v3/projects/testIamPermissions */
const atOnce = 100;
/** Milliseconds that a check may take; what is not known by then is said by the step that meets it. */
const patience = 12_000;

/** Problems to find before anything is created, all at once, each with what to do. */
export async function preflight(world: Dependencies, plan: Plan, access: Access): Promise<Note[]> {
  const { token = "", project = "" } = access;
  const stack = plan.stack as unknown as Stack;
  const ask = interactiveCall(world, { token });
  const unreachable = await reach(ask, project);
  if (unreachable) return [unreachable];
  const over = new AbortController();
  const late = world.sleep(patience, over.signal).then(
    () => [],
    () => [],
  );
  const checks: Promise<Note[]>[] = [
    billing(ask, project),
    allowed(ask, project, requiredPermissions(stack)),
    policyViolations(ask, project, stack),
    there(world, ask, plan, access),
  ];
  const found = await Promise.all(checks.map((check) => Promise.race([check.catch(unknown), late])));
  over.abort();
  return found.flat();
}

/** What Google does not tell, or not to this visitor, is no problem beforehand. */
function unknown(error: unknown): Note[] {
  if (!(error instanceof OperationalError)) throw error;
  return error.lapsed ? [lapsed(error)] : [];
}

const lapsed = ({ message, next }: OperationalError) => note(message, { path: "access.token", fix: next });

async function reach(ask: ApiCall, project: string): Promise<Note | null> {
  try {
    const found = await ask({
      api: "cloudresourcemanager",
      method: "projects.get",
      params: { name: `projects/${project}` },
    });
    const state = getString(found, "state");
    return state === "ACTIVE"
      ? null
      : note(`The project ${project} is ${state.toLowerCase().replaceAll("_", " ")}.`, {
          path: "access.project",
          fix: "Choose another project, or restore it at https://console.cloud.google.com/cloud-resource-manager.",
        });
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    if (error.lapsed) return lapsed(error);
    return note(`The project ${project} cannot be reached: ${error.message}`, {
      path: "access.project",
      fix: "Look whether the id is right and whether you signed in with the account that owns the project.",
    });
  }
}

async function billing(ask: ApiCall, project: string): Promise<Note[]> {
  const name = `projects/${project}`;
  const info = await ask({ api: "cloudbilling", method: "projects.getBillingInfo", params: { name } });
  if (getPath(info, "billingEnabled") === true) return [];
  return [
    note(`Billing is off in the project ${project}, so nothing can be made in it.`, {
      path: "access.project",
      fix: `Link a billing account at https://console.cloud.google.com/billing/linkedaccount?project=${encodeURIComponent(project)}`,
    }),
  ];
}

async function allowed(ask: ApiCall, project: string, needed: string[]): Promise<Note[]> {
  const calls = Array.from({ length: Math.ceil(needed.length / atOnce) }, (_, call) =>
    needed.slice(call * atOnce, (call + 1) * atOnce),
  );
  const answers = await Promise.all(
    calls.map((some) =>
      ask({
        api: "cloudresourcemanager",
        method: "projects.testIamPermissions",
        params: { resource: `projects/${project}` },
        body: { permissions: some },
      }),
    ),
  );
  const held = new Set(answers.flatMap((answer) => listAt(answer, "permissions")));
  const missing = needed.filter((one) => !held.has(one));
  if (missing.length === 0) return [];
  const some = missing.slice(0, 5).join(", ");
  const more = missing.length > 5 ? `, and ${missing.length - 5} more` : "";
  return [
    note(`You are not allowed everything in the project ${project} that this plan needs. Missing: ${some}${more}.`, {
      path: "access.project",
      fix: "Ask an owner of the project for roles with these permissions, such as Owner; or choose another project.",
    }),
  ];
}

/** What can only be asked where the API is on already: networks, and whether Memorystore is in the region. */
async function there(world: Dependencies, ask: ApiCall, plan: Plan, access: Access): Promise<Note[]> {
  const text = JSON.stringify(plan.stack);
  const redis = text.includes('"api":"redis"');
  const network = text.includes('{"is":"subnet"}');
  if (!redis && !network) return [];
  const { token = "", project = "" } = access;
  const names = ["compute", "redis"].map((api) => `projects/${project}/services/${api}.googleapis.com`);
  const found = await ask({
    api: "serviceusage",
    method: "services.batchGet",
    params: { parent: `projects/${project}`, names },
  });
  const isOn = (api: string) =>
    listAt(found, "services").some(
      (one) => getString(one, "name").endsWith(`/${api}.googleapis.com`) && getString(one, "state") === "ENABLED",
    );
  // Where the API is on, the visitor's own project pays for the question.
  const inside = interactiveCall(world, { token, project });
  const checks = [
    network ? checkNetwork(inside, ask, plan.region, access, isOn("compute")) : [],
    redis && isOn("redis") ? located(inside, project, plan.region) : [],
  ];
  return (await Promise.all(checks.map(async (check) => Promise.resolve(check).catch(unknown)))).flat();
}

async function located(ask: ApiCall, project: string, region: string): Promise<Note[]> {
  const params = { name: `projects/${project}`, pageSize: 200 };
  const found = await ask({ api: "redis", method: "projects.locations.list", params });
  const regions = listAt(found, "locations").map((one) => getString(one, "locationId"));
  if (regions.length === 0 || regions.includes(region)) return [];
  return [
    note(`Memorystore for Redis is not offered in ${region} to this project.`, {
      path: "region",
      fix: "Choose another region.",
    }),
  ];
}
