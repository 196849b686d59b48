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

const titles = { oidc: "With OpenID Connect", role: "With an external id" };
const explanations = {
  oidc: "Your account learns to trust tokens that this Slipway signs. They are good for five minutes, and for you alone. Nobody holds a key to AWS: there is none to be stolen.",
  role: "The AWS account of whoever runs this Slipway may use the role, and has to name an external id that only you have. We check that the role refuses us without it.",
};

const setupPage = ({ subject, role, ways }: Role): SetupPage => ({
  title: "Lend access to your AWS account",
  lead: "A small stack in your account makes a role for us. It lasts until you delete that stack; each deployment uses it in sessions of 15 minutes, narrowed to its own stack.",
  unavailable:
    "This Slipway cannot be known to AWS: it has neither a public address with HTTPS nor an AWS account. Its operator can change that; until then, lend nothing.",
  methods: ways.map(
    ({ way, template, command, console }): SetupMethod => ({
      title: titles[way],
      explanation: explanations[way],
      console: console === null ? null : { label: "Open it in the AWS console", url: console },
      command: { before: "CloudShell in the AWS console, and run:", label: `Command (${titles[way]})`, line: command },
      document: {
        before: "Or ",
        label: "download the template",
        url: template,
        after: `, read it, and create a stack called \`${roleStackName}\` from it, with \`Visitor\` = \`${subject}\`.`,
      },
      next: "When the stack is complete, go back to the app's page and type your account id there.",
    }),
  ),
  permissions: {
    title: "What you lend",
    items: [
      `**To us** (\`${role}\`): create, watch, change and delete CloudFormation stacks called \`slipway-...\`; hand them the role below; delete, never read, what is in their buckets.`,
      `**To CloudFormation** (\`${role}-stacks\`): make what such a stack consists of. It cannot make a role or user that may do more than \`${role}-apps\` allows, and nobody but CloudFormation can use it.`,
      `**Only for you**: the role lets us in when we act for \`${subject}\`, which only this browser makes us do. Another visitor who types your account id is refused.`,
    ],
    note: `The template is all there is to it: read it before you run it. To take it back, delete the stack \`${roleStackName}\`: your apps go on running.`,
  },
  alternative: {
    title: ways.length === 0 ? "Lend nothing" : "Or lend nothing",
    text: "The page of every app's plan has its CloudFormation template, and the command that runs it. Read it, and run it yourself: nobody else needs access to anything.",
  },
});
