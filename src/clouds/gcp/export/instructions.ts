import type { App } from "../../../app.ts";
import type { ManualInstructions } from "../../cloud.ts";
import type { PlanLocation } from "../../routes.ts";
import type { Dependencies } from "../dependencies.ts";
import { quoted } from "./shell.ts";

/** Carries the plan out without granting us access: a script for Cloud Shell, which has everything it needs. */
export function instructions(
  { origin }: Pick<Dependencies, "origin">,
  app: App,
  { path, query }: PlanLocation,
): ManualInstructions {
  const scriptPath = `${path}/script?${query}`;
  const file = `slipway-${app.slug}.sh`;
  return {
    command: `curl -fsS ${quoted(origin + scriptPath)} -o ${quoted(file)} && less ${quoted(file)} && bash ${quoted(file)}`,
    where:
      "In Cloud Shell (https://shell.cloud.google.com), or wherever gcloud, curl and jq are; it shows itself first, then asks what it needs to know",
    document: { label: "Download the script", path: scriptPath, file },
    console: null,
  };
}
