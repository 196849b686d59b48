import { prefix } from "../cloudformation.ts";
import type { roleResources } from "../role-names.ts";
import { quotaReadActions } from "../access/iam-policies.ts";

type Belongings = Pick<ReturnType<typeof roleResources>, "partition" | "stacksRole" | "bucket">;

const allow = (Action: string | string[], Resource: string | string[]) => ({ Effect: "Allow", Action, Resource });
const policy = (...Statement: ReturnType<typeof allow>[]) => ({ Version: "2012-10-17", Statement });

/** What a run may do of what was lent: only its own stack. Given along when the role is assumed. */
export const provisionSessionPolicy = (stack: string, { partition, stacksRole, bucket }: Belongings) =>
  policy(
    allow("cloudformation:*", `arn:${partition}:cloudformation:*:*:stack/${stack}/*`),
    allow("iam:PassRole", stacksRole),
    allow("s3:*", [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`]),
    allow(["s3:ListBucketVersions", "s3:DeleteObject", "s3:DeleteObjectVersion"], `arn:${partition}:s3:::${prefix}*`),
  );

/** What looking whether a stack could be created may do: read, and lay a long template down. */
export const preflightSessionPolicy = ({ partition, bucket }: Belongings) =>
  policy(
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
