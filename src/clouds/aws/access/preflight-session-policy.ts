import { allow, iamPolicy } from "../iam-policy.ts";
import type { RoleResources } from "../role-names.ts";
import { quotaReadActions } from "./iam-policies.ts";

/** Restricts the role to what the preflight checks need: reading, and uploading a template that is too long to send. */
export const preflightSessionPolicy = ({ partition, bucket }: Pick<RoleResources, "partition" | "bucket">) =>
  iamPolicy(
    allow(
      [
        "cloudformation:ValidateTemplate",
        "cloudformation:DescribeAccountLimits",
        "cloudformation:ListStacks",
        ...quotaReadActions,
      ],
      "*",
    ),
    allow("s3:*", [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`]),
  );
