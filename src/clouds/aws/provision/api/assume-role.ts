import { Refusal } from "../../../cloud.ts";
import { audience, type Lent, type World } from "../../dependencies.ts";

/** The shortest that AWS gives; a longer run assumes the role again. */
const seconds = 900;

export interface Session {
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
  /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  arn: string;
}

export const transport = ({ endpoint }: Pick<World, "endpoint">, region: string) => ({
  region,
  ...(endpoint ? { endpoint } : {}),
  // We ask again ourselves, so that tests can wait without waiting, and a drain can end the wait.
  maxAttempts: 1,
  requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
});

/** What a session may do at most, and what CloudTrail calls it. */
export interface Narrowed {
  policy?: object;
  name?: string;
}

/** Assumes the lent role as the subject given; null tries it as nobody in particular. */
export async function assume(
  world: World,
  region: string,
  { way, roleArn }: Pick<Lent, "way" | "roleArn">,
  subject: string | null,
  { policy, name = "slipway-check" }: Narrowed = {},
): Promise<Session> {
  const { STS } = await import("@aws-sdk/client-sts");
  const asked = {
    RoleArn: roleArn,
    RoleSessionName: name,
    DurationSeconds: seconds,
    ...(policy ? { Policy: JSON.stringify(policy) } : {}),
  };
  // The region's own STS: the answer then also tells whether the account has this region switched on.
  const config = transport(world, region);
  if (way === "oidc") {
    const sts = new STS(config);
    const WebIdentityToken = await world.token(subject ?? "nobody", audience);
    return toSession(await sts.assumeRoleWithWebIdentity({ ...asked, WebIdentityToken }).finally(() => sts.destroy()));
  }
  const sts = new STS({ ...config, credentials: keysOf(world) });
  const ExternalId = subject ?? undefined;
  return toSession(await sts.assumeRole({ ...asked, ExternalId }).finally(() => sts.destroy()));
}

const accounts = new WeakMap<object, Promise<string>>();

/** The operator's own account, which a role has to trust by the way `role`. */
export function operatorAccount(world: World, region: string): Promise<string> {
  const keys = keysOf(world);
  const known = accounts.get(keys) ?? ask();
  accounts.set(keys, known);
  return known;

  async function ask() {
    const { STS } = await import("@aws-sdk/client-sts");
    const sts = new STS({ ...transport(world, region), credentials: keys });
    try {
      return (await sts.getCallerIdentity({})).Account ?? "";
    } catch (error) {
      accounts.delete(keys);
      throw error;
    } finally {
      sts.destroy();
    }
  }
}

export function keysOf({ keys }: World) {
  if (keys) return keys;
  throw new Refusal(
    "This Slipway has no AWS account of its own, so a role cannot know it by an external id.",
    "Lend access by OpenID Connect instead, or ask the operator to set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  );
}

interface Assumed {
  Credentials?: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string };
  AssumedRoleUser?: { Arn?: string };
}

function toSession({ Credentials: given, AssumedRoleUser: user }: Assumed): Session {
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = given ?? {};
  if (!accessKeyId || !secretAccessKey || !sessionToken || !user?.Arn)
    throw new Refusal("AWS gave a session without credentials.", "Try again in a moment.");
  return { credentials: { accessKeyId, secretAccessKey, sessionToken }, arn: user.Arn };
}
