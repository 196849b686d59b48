import { OperationalError } from "../../../cloud.ts";
import { audience, type Dependencies } from "../../dependencies.ts";
import type { RoleAccess } from "../../role-access.ts";
import { limitResponses } from "./limit-responses.ts";

/** The minimum that AWS allows. A longer run assumes the role again. */
const sessionSeconds = 900;

export interface AssumedRole {
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  arn: string;
}

export const clientConfig = ({ endpoint }: Pick<Dependencies, "endpoint">, region: string) => ({
  region,
  ...(endpoint ? { endpoint } : {}),
  // `withRetry` does the retries, so that tests need not wait and a drain can end the wait.
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  extensions: [limitResponses()],
});

/** The session policy, and the session name in CloudTrail. */
export interface SessionRestriction {
  policy?: object;
  name?: string;
}

/** Assumes the visitor's role as this subject; null as no subject at all. */
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
  // The regional endpoint also shows whether the account has enabled this region.
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

/** Returns the operator's account id, which the trust method `role` needs. */
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
    "This server has no AWS account, so a role with an external ID can't be used.",
    "Connect by OpenID Connect instead, or ask the operator to set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
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
