import type { App } from "../../../app.ts";
import type { Plan } from "../../../plan.ts";
import type { ManualInstructions } from "../../cloud.ts";
import type { PlanLocation } from "../../routes.ts";
import { capabilities, manualStackName, maxTemplateBytes, prefix, type Template } from "../cloudformation.ts";
import { commandLine, quoteArgument } from "../command-line.ts";
import type { Dependencies } from "../dependencies.ts";

/** Creates the stack without granting us access. */
export function instructions(
  { origin, keys, templatesBucket }: Pick<Dependencies, "origin" | "keys" | "templatesBucket">,
  { slug, source }: Pick<App, "slug" | "source">,
  { region, stack }: Plan,
  page: PlanLocation,
): ManualInstructions {
  const path = `${page.path}/stack?${page.query}`;
  return {
    command: deployStackCommand({
      origin,
      path,
      name: manualStackName({ slug, source }),
      region,
      template: stack as unknown as Template,
    }),
    where: "In CloudShell, or wherever the AWS CLI is",
    document: { label: "Download the CloudFormation template", path, file: `slipway-${slug}.json` },
    console:
      templatesBucket && keys ? { label: "Open in the AWS console", path: `${page.path}/console?${page.query}` } : null,
  };
}

interface DeployCommandInput {
  origin: string;
  /** The path of the template: `/github.com/o/r/aws/stack?region=...`. */
  path: string;
  /** The name of the stack. */
  name: string;
  region: string;
  template: Template;
}

/** Returns the command that deploys the app; every parameter without a default is `...`, to be filled in. */
export function deployStackCommand({ origin, path, name, region, template }: DeployCommandInput): string {
  const required = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined);
  const answers = required.map(([key]) => `${key}=...`);
  const isLong = new TextEncoder().encode(JSON.stringify(template)).length > maxTemplateBytes;
  const bucket = `BUCKET=${prefix}templates-$(aws sts get-caller-identity --query Account --output text)-${quoteArgument(region)}`;
  return [
    commandLine("curl", "-fsS", `${origin}${path}`, "-o", "stack.json"),
    ...(isLong ? [bucket, `(aws s3 mb "s3://$BUCKET" --region ${quoteArgument(region)} || true)`] : []),
    [
      commandLine("aws", "cloudformation", "deploy", "--region", region, "--stack-name", name),
      commandLine("--template-file", "stack.json", "--capabilities", ...capabilities),
      ...(isLong ? ['--s3-bucket "$BUCKET"'] : []),
      ...(answers.length > 0 ? [commandLine("--parameter-overrides", ...answers)] : []),
    ].join(" "),
  ].join(" && ");
}
