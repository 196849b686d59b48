import type { App } from "../src/app.ts";
import type { Template } from "../src/clouds/aws/stack.ts";
import type { Plan } from "../src/plan.ts";
import type { Looked } from "./looked.ts";
import type { Slipway } from "./slipway.ts";

/** The same app without us: the cloud's own document, the command that runs it, and the console with it filled in. */
export interface WithoutUs {
  template: string;
  command: string;
  /** null: the operator has no bucket that the console could read the template from. */
  console: string | null;
}

/** As above for this plan; null where a cloud has no such thing. */
export async function withoutUs(
  { aws, bucket }: Pick<Slipway, "aws" | "bucket">,
  { path, query }: Pick<Looked, "path" | "query">,
  { slug }: Pick<App, "slug">,
  { cloud, region, preset, stack }: Plan,
): Promise<WithoutUs | null> {
  if (cloud !== "aws") return null;
  const { stackCommand } = await import("../src/clouds/aws/by-hand.ts");
  const chosen = new URLSearchParams({ ...Object.fromEntries(new URLSearchParams(query)), region, preset });
  const template = `${path}/aws/stack?${chosen}`;
  const asked = { origin: aws.origin, path: template, slug, region, template: stack as unknown as Template };
  return {
    template,
    command: stackCommand(asked),
    console: bucket && aws.keys ? `${path}/aws/console?${chosen}` : null,
  };
}
