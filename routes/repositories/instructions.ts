import type { App } from "../../src/app.ts";
import type { Cloud, ManualInstructions } from "../../src/clouds/cloud.ts";
import type { PlanLocation } from "../../src/clouds/routes.ts";
import type { Plan } from "../../src/plan.ts";
import type { LoadedRepository } from "./load-repository.ts";

/** Where the page of this plan is, with the visitor's choices in its query. */
export function planLocation(
  { id }: Pick<Cloud, "id">,
  { path, query }: Pick<LoadedRepository, "path" | "query">,
  { region, preset }: Pick<Plan, "region" | "preset">,
): PlanLocation {
  const choices = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), region, preset });
  return { path: `${path}/${id}`, query: choices.toString() };
}

/** How to carry out the plan without granting access; null if the cloud has no such way. */
export const instructionsFor = async (
  cloud: Pick<Cloud, "id" | "instructions">,
  repository: Pick<LoadedRepository, "path" | "query">,
  app: App,
  plan: Plan,
): Promise<ManualInstructions | null> =>
  (await cloud.instructions?.(app, plan, planLocation(cloud, repository, plan))) ?? null;
