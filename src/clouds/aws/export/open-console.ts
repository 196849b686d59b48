import type { App } from "../../../app.ts";
import type { Plan } from "../../../plan.ts";
import type { CloudResponse } from "../../routes.ts";
import { manualStackName } from "../cloudformation.ts";
import type { Dependencies } from "../dependencies.ts";
import { toOperationalError } from "../provision/api/error-advice.ts";
import { publishTemplate } from "../publish-template.ts";
import { quickCreateUrl } from "../quick-create.ts";

/** Leads to the CloudFormation console with the stack filled in; null without a bucket that it can read templates from. */
export async function openConsole(
  dependencies: Dependencies,
  app: Pick<App, "slug" | "source">,
  { region, stack }: Plan,
): Promise<CloudResponse | null> {
  const { templatesBucket, keys } = dependencies;
  if (!templatesBucket || !keys) return null;
  try {
    const templateUrl = await publishTemplate(dependencies, templatesBucket, JSON.stringify(stack));
    const stackName = manualStackName(app);
    return { kind: "redirect", url: quickCreateUrl({ region, templateUrl, stackName, parameters: {} }) };
  } catch (error) {
    throw toOperationalError(error);
  }
}
