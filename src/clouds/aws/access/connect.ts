import { note, ok, problems, type Result } from "../../../result.ts";
import type { Access, AccessMethod } from "../../cloud.ts";
import type { Dependencies, TrustMethod } from "../dependencies.ts";
import { roleArnOf } from "../role-names.ts";

const roleArnPattern = /^arn:(aws|aws-us-gov|aws-cn):iam::(\d{12}):role\/[\w+=,.@/-]{1,576}$/;
/** The random key in a visitor's cookie. AWS only sees an id that is derived from it. */
export const visitorKey = /^[a-z2-7]{26}$/;

/** Whether AWS can fetch our public keys: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html */
export function isValidIssuer(origin: string): boolean {
  const { protocol, port, hostname } = new URL(origin);
  return protocol === "https:" && port === "" && hostname.includes(".") && !/^[\d.]+$/.test(hostname);
}

/** Returns the available trust methods, the preferred one first. */
export const trustMethods = ({ origin, keys }: Pick<Dependencies, "origin" | "keys">): TrustMethod[] => [
  ...(isValidIssuer(origin) ? (["oidc"] as const) : []),
  ...(keys ? (["role"] as const) : []),
];

/** Returns the OIDC subject or external id of a visitor: 120 bits that only we can derive from their key. */
export const oidcSubject = ({ deriveSecret }: Pick<Dependencies, "deriveSecret">, key: string) =>
  deriveSecret(`aws ${key}`).slice(0, 24);

const trustMethodLabels: Record<TrustMethod, string> = {
  oidc: "OpenID Connect: Slipway shows AWS a token signed for you and has no AWS key",
  role: "Role with an external ID: the AWS account of this server's operator assumes your role",
};

export function connect(dependencies: Pick<Dependencies, "origin" | "keys" | "deriveSecret">): AccessMethod {
  const methods = trustMethods(dependencies);
  const [preferred] = methods;
  return {
    kind: "role",
    summary: preferred
      ? "A role in your account that can manage only stacks named slipway-..., in sessions of 15 minutes while we deploy. Delete its stack to revoke access."
      : "AWS isn't set up on this server. You can run the template yourself.",
    unavailableReason: preferred
      ? undefined
      : "AWS isn't set up on this server. Set ORIGIN to an https URL, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Templates to run yourself are available either way.",
    setupPath: preferred ? "/connect/aws" : undefined,
    fields: [
      {
        name: "account",
        label: "AWS account id or role ARN",
        help: "12 digits, top right in the AWS console; or the ARN of the role, if it has another name.",
        type: "text",
      },
      ...(methods.length > 1
        ? [
            {
              name: "way",
              label: "How AWS verifies Slipway",
              help: "The method you chose when you created the role.",
              type: "choice" as const,
              options: methods.map((value) => ({ value, label: trustMethodLabels[value] })),
            },
          ]
        : []),
    ],
    parse: (input) => parseInput(dependencies, methods, input),
  };
}

function parseInput(
  dependencies: Pick<Dependencies, "origin" | "deriveSecret">,
  methods: TrustMethod[],
  input: Record<string, unknown>,
): Result<Access> {
  const textOf = (name: string) => (typeof input[name] === "string" ? input[name].trim() : "");
  const page = `${dependencies.origin}/connect/aws`;
  const [preferred] = methods;
  if (!preferred)
    return problems(
      note("AWS isn't set up on this server.", {
        path: "access.account",
        fix: `See ${page} for what to do.`,
      }),
    );
  const requested = textOf("way");
  const way = requested === "" ? preferred : methods.find((method) => method === requested);
  if (!way)
    return problems(note("AWS can know us in another way only.", { path: "access.way", fix: methods.join(" or ") }));
  const visitor = textOf("visitor");
  if (!visitorKey.test(visitor))
    return problems(
      note("We do not know which visitor you are, so we cannot use a role that trusts only you.", {
        path: "access.account",
        fix: `Open ${page} in this browser first. A program reads \`visitor\` there and sends it along.`,
      }),
    );
  const subject = oidcSubject(dependencies, visitor);
  const identifier = textOf("roleArn") || textOf("account");
  const account = identifier.replace(/[\s-]/g, "");
  if (/^\d{12}$/.test(account)) return ok({ way, account: account, subject, roleArn: roleArnOf(account, subject) });
  const [, , owner] = identifier.match(roleArnPattern) ?? [];
  if (owner) return ok({ way, account: owner, subject, roleArn: identifier });
  return problems(
    note("This is neither an account id nor the ARN of a role.", {
      path: textOf("roleArn") ? "access.roleArn" : "access.account",
      fix: "Write the 12 digits of your account, or an ARN such as arn:aws:iam::123456789012:role/name.",
    }),
  );
}
