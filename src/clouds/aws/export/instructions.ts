import type { App } from "../../../app.ts";
import type { Plan } from "../../../plan.ts";
import type { ManualInstructions } from "../../cloud.ts";
import { capabilities, maxTemplateBytes, prefix, type Template } from "../cloudformation.ts";
import type { Dependencies, TrustMethod } from "../dependencies.ts";
import { roleStackName } from "../role-names.ts";

/** Returns how to create the stack without connecting an account. */
export function byHand(
  { origin, keys, templatesBucket }: Pick<Dependencies, "origin" | "keys" | "templatesBucket">,
  { slug }: Pick<App, "slug">,
  { region, stack }: Plan,
  page: { path: string; query: string },
): ManualInstructions {
  const path = `${page.path}/stack?${page.query}`;
  return {
    command: deployStackCommand({ origin, path, slug, region, template: stack as unknown as Template }),
    where: "In CloudShell, or wherever the AWS CLI is",
    document: { label: "Download the CloudFormation template", path, file: `slipway-${slug}.json` },
    console:
      templatesBucket && keys
        ? { label: "Open it in the AWS console", path: `${page.path}/console?${page.query}` }
        : null,
  };
}

/** Quotes one word of a shell command. */
const shellQuote = (text: string) =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
const shellCommand = (...words: string[]) => words.map(shellQuote).join(" ");

/**
 * Returns the command that creates the role, for CloudShell:
 * https://docs.aws.amazon.com/cloudshell/latest/userguide/welcome.html
 */
export const createRoleCommand = (origin: string, way: TrustMethod, subject: string): string =>
  [
    shellCommand("curl", "-fsS", `${origin}/connect/aws/template?way=${way}`, "-o", "lend.json"),
    shellCommand(
      ...["aws", "cloudformation", "deploy", "--stack-name", roleStackName, "--template-file", "lend.json"],
      ...["--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides", `Visitor=${subject}`],
    ),
  ].join(" && ");

interface DeployCommandInput {
  origin: string;
  /** The path of the template: `/github.com/o/r/aws/stack?region=...`. */
  path: string;
  slug: string;
  region: string;
  template: Template;
}

/** Returns the command that creates the stack. Required parameters appear as `...`, to be filled in. */
export function deployStackCommand({ origin, path, slug, region, template }: DeployCommandInput): string {
  const required = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined);
  const answers = required.map(([key]) => `${key}=...`);
  const isLong = new TextEncoder().encode(JSON.stringify(template)).length > maxTemplateBytes;
  const bucket = `BUCKET=${prefix}templates-$(aws sts get-caller-identity --query Account --output text)-${shellQuote(region)}`;
  return [
    shellCommand("curl", "-fsS", `${origin}${path}`, "-o", "stack.json"),
    ...(isLong ? [bucket, `(aws s3 mb "s3://$BUCKET" --region ${shellQuote(region)} || true)`] : []),
    [
      shellCommand("aws", "cloudformation", "deploy", "--region", region, "--stack-name", `${prefix}${slug}`),
      shellCommand("--template-file", "stack.json", "--capabilities", ...capabilities),
      ...(isLong ? ['--s3-bucket "$BUCKET"'] : []),
      ...(answers.length > 0 ? [shellCommand("--parameter-overrides", ...answers)] : []),
    ].join(" "),
  ].join(" && ");
}

interface QuickCreateInput {
  region: string;
  /** The template's S3 URL; the console accepts no other. */
  templateUrl: string;
  stackName: string;
  parameters: Record<string, string>;
}

/**
 * Returns a link that opens the console with the form filled in:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
 */
export function quickCreateUrl({ region, templateUrl, stackName, parameters }: QuickCreateInput): string {
  const query = new URLSearchParams({ templateURL: templateUrl, stackName });
  for (const [key, value] of Object.entries(parameters)) query.set(`param_${key}`, value);
  const console = `https://${region}.console.aws.amazon.com/cloudformation/home?region=${region}`;
  return `${console}#/stacks/create/review?${query.toString().replaceAll("+", "%20")}`;
}
