import type { App } from "../../src/app.ts";
import type { Cloud, ManualInstructions } from "../../src/clouds/cloud.ts";
import type { PlanLocation } from "../../src/clouds/routes.ts";
import type { Plan } from "../../src/plan.ts";
import type { LoadedRepository } from "./load-repository.ts";

/** Returns the path and query of the page that shows this plan. */
export function planLocation(
  { id }: Pick<Cloud, "id">,
  { path, query }: Pick<LoadedRepository, "path" | "query">,
  { region, preset }: Pick<Plan, "region" | "preset">,
): PlanLocation {
  const search = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), region, preset });
  return { path: `${path}/${id}`, query: search.toString() };
}

/** Returns how to carry out the plan without connecting an account; null if the cloud has no such way. */
export const instructionsFor = async (
  cloud: Pick<Cloud, "id" | "instructions">,
  repository: Pick<LoadedRepository, "path" | "query">,
  app: App,
  plan: Plan,
): Promise<ManualInstructions | null> =>
  (await cloud.instructions?.(app, plan, planLocation(cloud, repository, plan))) ?? null;
