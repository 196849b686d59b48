import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import type { Account, Caller, Role } from "./account.ts";
import { may } from "./account.ts";
import { type Context, holds, list, matches, type Policy } from "./policy.ts";
import { AwsError, type QueryInput, type ResponseBody } from "./protocol.ts";

export interface Sts {
  accounts: Map<string, Account>;
  now(): number;
  /** Fetches the documents of a token's issuer. */
  fetch: typeof fetch;
  /** Starts a session and returns its credentials. */
  open(role: Role, account: Account, openSession: Policy | null, name: string, seconds: number): Record<string, string>;
}

const denied = (principal: string, action: string, arn: string) =>
  new AwsError("AccessDenied", `${principal} is not authorized to perform: ${action} on resource: ${arn}`, 403);

const text = (input: QueryInput, name: string) => (typeof input[name] === "string" ? input[name] : undefined);

function openSession(sts: Sts, input: QueryInput, account: Account, role: Role): ResponseBody {
  const name = text(input, "RoleSessionName") ?? "";
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) throw new AwsError("ValidationError", "RoleSessionName is not valid");
  const seconds = Number(text(input, "DurationSeconds") ?? 3600);
  if (!(seconds >= 900 && seconds <= 3600))
    throw new AwsError(
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    );
  const policy = text(input, "Policy");
  if (policy && policy.length > 2048) throw new AwsError("PackedPolicyTooLarge", "The session policy is too large.");
  const { expires, ...credentials } = sts.open(role, account, policy ? JSON.parse(policy) : null, name, seconds);
  return {
    Credentials: { ...credentials, Expiration: expires },
    AssumedRoleUser: {
      AssumedRoleId: `AROA${role.name.toUpperCase()}:${name}`,
      Arn: `arn:aws:sts::${account.id}:assumed-role/${role.name}/${name}`,
    },
    PackedPolicySize: policy ? 10 : undefined,
  };
}

function findRole(sts: Sts, input: QueryInput): { account: Account; role: Role } | null {
  const arn = text(input, "RoleArn") ?? "";
  const [, id] = arn.match(/^arn:aws:iam::(\d{12}):role\/./) ?? [];
  if (!id) throw new AwsError("ValidationError", `${arn} is invalid`);
  const account = sts.accounts.get(id);
  const role = [...(account?.roles.values() ?? [])].find((statement) => statement.arn === arn);
  return account && role ? { account, role } : null;
}

const isTrusted = ({ trust }: Role, action: string, principal: [string, string[]], context: Context) => {
  const [kind, names] = principal;
  return list(trust.Statement).some(
    (statement) =>
      statement.Effect === "Allow" &&
      list(statement.Action).includes(action) &&
      typeof statement.Principal === "object" &&
      list(statement.Principal[kind]).some((pattern) => names.some((name) => matches(pattern, name))) &&
      holds(statement, context),
  );
};

export function assumeRole(sts: Sts, input: QueryInput, caller: Caller): ResponseBody {
  const action = "sts:AssumeRole";
  const arn = text(input, "RoleArn") ?? "";
  const target = findRole(sts, input);
  const { id } = caller.account;
  const principals = [id, `arn:aws:iam::${id}:root`, caller.arn];
  const context = { "sts:ExternalId": text(input, "ExternalId"), "aws:PrincipalArn": caller.arn };
  // AWS responds alike whether the role is missing or does not trust the caller.
  if (!target || !may(caller, action, arn) || !isTrusted(target.role, action, ["AWS", principals], context))
    throw denied(`User: ${caller.arn}`, action, arn);
  return openSession(sts, input, target.account, target.role);
}

export async function assumeRoleWithWebIdentity(sts: Sts, input: QueryInput): Promise<ResponseBody> {
  const action = "sts:AssumeRoleWithWebIdentity";
  const claims = await verifyToken(sts, text(input, "WebIdentityToken") ?? "");
  const target = findRole(sts, input);
  const accessDenied = () => new AwsError("AccessDenied", `Not authorized to perform ${action}`, 403);
  if (!target) throw accessDenied();
  const { host } = new URL(claims.iss);
  const providerArn = `arn:aws:iam::${target.account.id}:oidc-provider/${host}`;
  const provider = target.account.providers.get(providerArn);
  if (!provider)
    throw new AwsError("InvalidIdentityToken", `No OpenIDConnect provider found in your account for ${claims.iss}`);
  if (!provider.audiences.includes(claims.aud)) throw new AwsError("InvalidIdentityToken", "Incorrect token audience");
  const context = { [`${host}:aud`]: claims.aud, [`${host}:sub`]: claims.sub };
  if (!isTrusted(target.role, action, ["Federated", [providerArn]], context)) throw accessDenied();
  return {
    ...(openSession(sts, input, target.account, target.role) as object),
    SubjectFromWebIdentityToken: claims.sub,
  };
}

interface Claims {
  iss: string;
  sub: string;
  aud: string;
  exp: number;
  iat: number;
}

/** Returns the token's claims if its issuer has published the key that signed it. */
async function verifyToken({ fetch, now }: Sts, token: string): Promise<Claims> {
  const invalid = (reason: string) => new AwsError("InvalidIdentityToken", reason);
  const parts = token.split(".");
  if (parts.length !== 3)
    throw invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  const [head, claims] = parts.slice(0, 2).map((part) => {
    try {
      return JSON.parse(Buffer.from(part, "base64url").toString());
    } catch {
      throw invalid("The ID Token provided is not a valid JWT.");
    }
  });
  if (!claims.iss?.startsWith("https://")) throw invalid("The issuer must be an https address.");
  const fetchJson = async (url: string) => {
    const response = await fetch(url).catch(() => null);
    if (!response?.ok)
      throw new AwsError(
        "InvalidIdentityToken",
        `Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements`,
      );
    return response.json() as Promise<Record<string, unknown>>;
  };
  const configuration = await fetchJson(`${claims.iss}/.well-known/openid-configuration`);
  if (configuration.issuer !== claims.iss) throw invalid("The issuer is not the one its document names.");
  const { keys } = await fetchJson(`${configuration.jwks_uri}`);
  const key = (keys as (JsonWebKey & { kid: string })[]).find(({ kid }) => kid === head.kid);
  if (!key || head.alg !== "RS256" || key.alg !== "RS256")
    throw invalid(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
    );
  const signed = Buffer.from(parts.slice(0, 2).join("."));
  if (!verify("sha256", signed, createPublicKey({ key, format: "jwk" }), Buffer.from(parts[2] ?? "", "base64url")))
    throw invalid("The signature of the token is not valid.");
  const seconds = now() / 1000;
  if (!(claims.exp > seconds))
    throw new AwsError(
      "ExpiredTokenException",
      "Token expired: current date/time must be before the expiration date/time",
    );
  if (!(claims.iat <= seconds + 300)) throw invalid("The token is from the future.");
  return claims;
}
