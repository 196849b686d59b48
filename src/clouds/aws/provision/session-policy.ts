import { prefix } from "../cloudformation.ts";
import { allow, iamPolicy } from "../iam-policy.ts";
import type { RoleResources } from "../role-names.ts";

/**
 * Restricts the role to one stack for a run:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session
 */
export const provisionSessionPolicy = (
  stack: string,
  { partition, stacksRole, bucket }: Pick<RoleResources, "partition" | "stacksRole" | "bucket">,
) =>
  iamPolicy(
    allow("cloudformation:*", `arn:${partition}:cloudformation:*:*:stack/${stack}/*`),
    allow("iam:PassRole", stacksRole),
    allow("s3:*", [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`]),
    allow(["s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"], `arn:${partition}:s3:::${prefix}*`),
  );
