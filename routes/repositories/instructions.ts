import type { App } from "../../src/app.ts";
import type { Cloud, ManualInstructions } from "../../src/clouds/cloud.ts";
import type { Plan } from "../../src/plan.ts";
import type { LoadedRepository } from "./load-repository.ts";

/** The same app without us; null where a cloud has no such thing. */
export async function withoutUs(
  { id, instructions: byHand }: Pick<Cloud, "id" | "instructions">,
  { path, query }: Pick<LoadedRepository, "path" | "query">,
  app: App,
  plan: Plan,
): Promise<ManualInstructions | null> {
  const { region, preset } = plan;
  const chosen = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), region, preset });
  return (await byHand?.(app, plan, { path: `${path}/${id}`, query: chosen.toString() })) ?? null;
}
