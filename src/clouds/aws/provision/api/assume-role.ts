import { OperationalError } from "../../../cloud.ts";
import { audience, type Dependencies } from "../../dependencies.ts";
import type { RoleAccess } from "../../role-access.ts";

/** The shortest that AWS gives; a longer run assumes the role again. */
const sessionSeconds = 900;

export interface AssumedRole {
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  arn: string;
}

export const clientConfig = ({ endpoint }: Pick<Dependencies, "endpoint">, region: string) => ({
  region,
  ...(endpoint ? { endpoint } : {}),
  // We ask again ourselves, so that tests can wait without waiting, and a drain can end the wait.
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
});

/** What a session may do at most, and what CloudTrail calls it. */
export interface SessionRestriction {
  policy?: object;
  name?: string;
}

/** Assumes the lent role as the subject given; null tries it as nobody in particular. */
export async function assume(
  dependencies: Dependencies,
  region: string,
  { way, roleArn }: Pick<RoleAccess, "way" | "roleArn">,
  subject: string | null,
  { policy, name = "slipway-check" }: SessionRestriction = {},
): Promise<AssumedRole> {
  const { STS } = await import("@aws-sdk/client-sts");
  const input = {
    RoleArn: roleArn,
    RoleSessionName: name,
    DurationSeconds: sessionSeconds,
    ...(policy ? { Policy: JSON.stringify(policy) } : {}),
  };
  // The region's own STS: the answer then also tells whether the account has this region switched on.
  const config = clientConfig(dependencies, region);
  if (way === "oidc") {
    const sts = new STS(config);
    const WebIdentityToken = await dependencies.signIdToken(subject ?? "nobody", audience);
    return toSession(await sts.assumeRoleWithWebIdentity({ ...input, WebIdentityToken }).finally(() => sts.destroy()));
  }
  const sts = new STS({ ...config, credentials: requireKeys(dependencies) });
  const ExternalId = subject ?? undefined;
  return toSession(await sts.assumeRole({ ...input, ExternalId }).finally(() => sts.destroy()));
}

const operatorAccounts = new WeakMap<object, Promise<string>>();

/** The operator's own account, which a role has to trust by the way `role`. */
export function operatorAccountId(dependencies: Dependencies, region: string): Promise<string> {
  const keys = requireKeys(dependencies);
  const cached = operatorAccounts.get(keys) ?? fetchAccountId();
  operatorAccounts.set(keys, cached);
  return cached;

  async function fetchAccountId() {
    const { STS } = await import("@aws-sdk/client-sts");
    const sts = new STS({ ...clientConfig(dependencies, region), credentials: keys });
    try {
      return (await sts.getCallerIdentity({})).Account ?? "";
    } catch (error) {
      operatorAccounts.delete(keys);
      throw error;
    } finally {
      sts.destroy();
    }
  }
}

export function requireKeys({ keys }: Dependencies) {
  if (keys) return keys;
  throw new OperationalError(
    "This Slipway has no AWS account of its own, so a role cannot know it by an external id.",
    "Lend access by OpenID Connect instead, or ask the operator to set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  );
}

interface AssumeRoleResponse {
  Credentials?: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string };
  AssumedRoleUser?: { Arn?: string };
}

function toSession({ Credentials: credentials, AssumedRoleUser: user }: AssumeRoleResponse): AssumedRole {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = credentials ?? {};
  if (!accessKeyId || !secretAccessKey || !sessionToken || !user?.Arn)
    throw new OperationalError("AWS gave a session without credentials.", "Try again in a moment.");
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, arn: user.Arn };
}
