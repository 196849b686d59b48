import type { App } from "../../src/app.ts";
import type { ByHand, Cloud } from "../../src/clouds/cloud.ts";
import type { Plan } from "../../src/plan.ts";
import type { Looked } from "./load-repository.ts";

/** The same app without us; null where a cloud has no such thing. */
export async function withoutUs(
  { id, byHand }: Pick<Cloud, "id" | "byHand">,
  { path, query }: Pick<Looked, "path" | "query">,
  app: App,
  plan: Plan,
): Promise<ByHand | null> {
  const { region, preset } = plan;
  const chosen = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), region, preset });
  return (await byHand?.(app, plan, { path: `${path}/${id}`, query: chosen.toString() })) ?? null;
}
