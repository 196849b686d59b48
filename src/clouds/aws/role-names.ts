import type { RoleAccess } from "./role-access.ts";

/** The name a visitor gives the stack that creates our role. Not `slipway-...`, which the role may change. */
export const roleStackName = "lend-to-slipway";

/** What that stack creates is named after the role. Not `slipway-...` either, for the same reason. */
export const rolePrefix = "lent-to-slipway-";

export const roleName = (subject: string) => `${rolePrefix}${subject}`;

export const roleArnOf = (account: string, subject: string) => `arn:aws:iam::${account}:role/${roleName(subject)}`;

/** Returns what belongs to a role, from its ARN alone. */
export function roleResources({ roleArn, account }: Pick<RoleAccess, "roleArn" | "account">) {
  const [, partition = "aws"] = roleArn.split(":");
  const name = roleArn.slice(roleArn.lastIndexOf("/") + 1);
  const iam = (resource: string) => `arn:${partition}:iam::${account}:${resource}`;
  return {
    partition,
    /** The service role that CloudFormation assumes. */
    stacksRole: iam(`role/${name}-stacks`),
    /** The permissions boundary for every role of a stack. */
    boundary: iam(`policy/${name}-apps`),
    /** Holds templates that are too long for a request. */
    bucket: `${name}-${account}`.toLowerCase(),
  };
}

export type RoleResources = ReturnType<typeof roleResources>;
