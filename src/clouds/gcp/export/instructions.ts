import type { App } from "../../../app.ts";
import type { Plan } from "../../../plan.ts";
import type { ManualInstructions } from "../../cloud.ts";
import type { Dependencies } from "../dependencies.ts";
import { script } from "./script.ts";
import { quoted } from "./shell.ts";

/** Returns how to deploy without connecting an account: a script for Cloud Shell, which has every tool it needs. */
export function byHand(
  { origin }: Pick<Dependencies, "origin">,
  app: App,
  plan: Plan,
  { path, query }: { path: string; query: string },
): ManualInstructions {
  const scriptPath = `${path}/script?${query}`;
  const file = `slipway-${app.slug}.sh`;
  return {
    command: `curl -fsS ${quoted(origin + scriptPath)} -o ${quoted(file)} && less ${quoted(file)} && bash ${quoted(file)}`,
    where:
      "In Cloud Shell (https://shell.cloud.google.com), or wherever gcloud, curl and jq are; it shows itself first, then asks what it needs to know",
    document: { label: "Download the script", path: scriptPath, file },
    console: null,
    script: () => script(app, plan),
  };
}
