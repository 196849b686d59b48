import type { RoleAccess } from "./dependencies.ts";

/** What the visitor's own stack makes for us, all named after the role; never like a stack of ours, which it may change. */
export const rolePrefix = "lent-to-slipway-";

export const roleName = (subject: string) => `${rolePrefix}${subject}`;

export const roleArnOf = (account: string, subject: string) => `arn:aws:iam::${account}:role/${roleName(subject)}`;

/** What belongs to the role, found again from its ARN alone. */
export function roleResources({ roleArn, account }: Pick<RoleAccess, "roleArn" | "account">) {
  const [, partition = "aws"] = roleArn.split(":");
  const name = roleArn.slice(roleArn.lastIndexOf("/") + 1);
  const iam = (rest: string) => `arn:${partition}:iam::${account}:${rest}`;
  return {
    partition,
    /** The role that CloudFormation works with. */
    stacksRole: iam(`role/${name}-stacks`),
    /** The most that a role of a stack may ever be allowed. */
    boundary: iam(`policy/${name}-apps`),
    /** Where a template goes that is too long for a request. */
    bucket: `${name}-${account}`.toLowerCase(),
  };
}
