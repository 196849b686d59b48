import type { CloudResponse, SetupMethod, SetupPage, SetupRequest } from "../../routes.ts";
import { commandLine } from "../command-line.ts";
import type { Dependencies, TrustMethod } from "../dependencies.ts";
import { operatorAccountId } from "../provision/api/assume-role.ts";
import { toOperationalError } from "../provision/api/error-advice.ts";
import { publishTemplate } from "../publish-template.ts";
import { quickCreateUrl } from "../quick-create.ts";
import { roleName, roleStackName } from "../role-names.ts";
import { oidcSubject, trustMethods } from "./connect.ts";
import { roleTemplate } from "./role-template.ts";

/** IAM is the same in every region. */
const region = "us-east-1";

const routes = { "": page, template, console };
export type SetupPath = keyof typeof routes;

/** How a visitor creates the role: the page that explains it, its template, and the console with the template filled in. */
export async function setupResponse(
  path: SetupPath,
  dependencies: Dependencies,
  request: SetupRequest,
): Promise<CloudResponse | null> {
  try {
    return await routes[path](dependencies, request);
  } catch (error) {
    throw toOperationalError(error);
  }
}

async function page(dependencies: Dependencies, { visitorKey }: SetupRequest): Promise<CloudResponse> {
  const { origin, keys, templatesBucket } = dependencies;
  const visitor = visitorKey();
  const subject = oidcSubject(dependencies, visitor);
  const ways = trustMethods(dependencies).map((way) => ({
    way,
    template: `${origin}/connect/aws/template?way=${way}`,
    command: createRoleCommand(origin, way, subject),
    console: templatesBucket && keys ? `${origin}/connect/aws/console?way=${way}` : null,
  }));
  const role = roleName(subject);
  return {
    kind: "page",
    json: { visitor, subject, role, stack: roleStackName, ways },
    page: setupPage({ subject, role, ways }),
  };
}

const requestedTrust = (dependencies: Dependencies, { way }: Record<string, string>): TrustMethod | undefined => {
  const offered = trustMethods(dependencies);
  return way === undefined ? offered[0] : offered.find((method) => method === way);
};

async function templateText(dependencies: Dependencies, trust: TrustMethod) {
  const operator = trust === "role" ? await operatorAccountId(dependencies, region) : undefined;
  return JSON.stringify(roleTemplate({ trust, origin: dependencies.origin, operator }), null, 2);
}

async function template(dependencies: Dependencies, { query }: SetupRequest): Promise<CloudResponse | null> {
  const trust = requestedTrust(dependencies, query);
  if (!trust) return null;
  const body = await templateText(dependencies, trust);
  return { kind: "file", body, type: "application/json; charset=utf-8", name: `${roleStackName}.json` };
}

async function console(dependencies: Dependencies, { query, visitorKey }: SetupRequest): Promise<CloudResponse | null> {
  const { templatesBucket, keys } = dependencies;
  const trust = requestedTrust(dependencies, query);
  if (!trust || !templatesBucket || !keys) return null;
  const Visitor = oidcSubject(dependencies, visitorKey());
  const templateUrl = await publishTemplate(dependencies, templatesBucket, await templateText(dependencies, trust));
  return {
    kind: "redirect",
    url: quickCreateUrl({ region, templateUrl, stackName: roleStackName, parameters: { Visitor } }),
  };
}

/** Returns the command for CloudShell that creates the role: https://docs.aws.amazon.com/cloudshell/latest/userguide/welcome.html */
const createRoleCommand = (origin: string, way: TrustMethod, subject: string): string =>
  [
    commandLine("curl", "-fsS", `${origin}/connect/aws/template?way=${way}`, "-o", "lend.json"),
    commandLine(
      ...["aws", "cloudformation", "deploy", "--stack-name", roleStackName, "--template-file", "lend.json"],
      ...["--capabilities", "CAPABILITY_NAMED_IAM", "--parameter-overrides", `Visitor=${subject}`],
    ),
  ].join(" && ");

interface Role {
  subject: string;
  role: string;
  ways: { way: TrustMethod; template: string; command: string; console: string | null }[];
}

const titles = { oidc: "With OpenID Connect", role: "With an external ID" };
const explanations = {
  oidc: "Your account trusts tokens that this server signs. They are valid for five minutes and only for you. There is no AWS key that could be stolen.",
  role: "The AWS account of this server's operator can use the role with an external ID that only you have. We check that the role refuses us without it.",
};

const setupPage = ({ subject, role, ways }: Role): SetupPage => ({
  title: "Connect your AWS account",
  lead: "A small stack in your account creates a role for Slipway. It exists until you delete that stack. Each deployment uses it in sessions of 15 minutes, limited to its own stack.",
  unavailable:
    "AWS isn't set up on this server: it has neither a public HTTPS URL nor an AWS account. The operator can change that.",
  methods: ways.map(
    ({ way, template, command, console }): SetupMethod => ({
      title: titles[way],
      explanation: explanations[way],
      console: console === null ? null : { label: "Open in the AWS console", url: console },
      command: { before: "CloudShell in the AWS console and run:", label: `Command (${titles[way]})`, line: command },
      document: {
        before: "Or ",
        label: "download the template",
        url: template,
        after: `, read it and create a stack called \`${roleStackName}\` from it, with \`Visitor\` = \`${subject}\`.`,
      },
      next: "When the stack is complete, return to the app's page and enter your account ID.",
    }),
  ),
  permissions: {
    title: "Permissions we ask for",
    items: [
      `**Slipway** (\`${role}\`): create, watch, change and delete CloudFormation stacks named \`slipway-...\`; pass the role below to them; delete the contents of their buckets, but never read them.`,
      `**CloudFormation** (\`${role}-stacks\`): create the resources of such a stack. It can't create a role or user with more permissions than \`${role}-apps\`, and only CloudFormation can use it.`,
      `**Only for you**: the role accepts requests only for \`${subject}\`, which belongs to this browser. Other visitors who enter your account ID are refused.`,
    ],
    note: `The template contains everything; read it before you run it. To revoke access, delete the stack \`${roleStackName}\`. Your apps keep running.`,
  },
  alternative: {
    title: ways.length === 0 ? "Deploy without giving access" : "Or deploy without giving access",
    text: "The page of every app's plan has its CloudFormation template and the command that runs it. Read it and run it yourself; no one else needs access.",
  },
});
