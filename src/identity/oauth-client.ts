import * as oauth from "oauth4webapi";
import { OperationalError } from "../clouds/cloud.ts";

/** An authorization server and our client there. */
export interface Provider {
  /** For OpenID Connect discovery; without it the two endpoints are set. */
  issuer?: string;
  authorizationEndpoint?: string;
  tokenEndpoint?: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  scope: string;
  /** Additional parameters of the authorization request. */
  authorizationParams?: Record<string, string>;
}

/** State of an authorization in progress, sealed in the visitor's cookie. */
export interface PendingAuthorization {
  state: string;
  verifier: string;
  nonce?: string;
}

export interface TokenSet {
  token: string;
  /** In seconds; null if unknown. */
  expiresIn: number | null;
  scope: string | null;
  /** Claims of the ID token; null without one. */
  claims: Record<string, unknown> | null;
}

interface Dependencies {
  fetch: typeof fetch;
  random: (bytes: number) => Uint8Array;
}

const timeoutMs = 15_000;
const clockToleranceSeconds = 60;

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** Returns the URL to redirect to and the state to keep. Throws an OperationalError if the provider is down. */
export async function startAuthorization(
  provider: Provider,
  { fetch, random }: Dependencies,
): Promise<{ url: string; pending: PendingAuthorization }> {
  const server = await authorizationServer(provider, fetch).catch((error) => throwOperational(provider, error));
  const pending: PendingAuthorization = {
    state: base64url(random(24)),
    verifier: base64url(random(32)),
    ...(wantsIdentity(provider) ? { nonce: base64url(random(24)) } : {}),
  };
  const url = new URL(server.authorization_endpoint ?? "");
  const params = {
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: provider.redirectUri,
    scope: provider.scope,
    state: pending.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: "S256",
    ...(pending.nonce ? { nonce: pending.nonce } : {}),
    ...provider.authorizationParams,
  };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return { url: url.href, pending };
}

/**
 * Exchanges the code of a callback for tokens. Throws an OperationalError if consent was denied, the state or issuer
 * does not match, the code was used or has expired, or the provider is down.
 */
export async function exchangeCode(
  provider: Provider,
  pending: PendingAuthorization,
  callback: URL,
  { fetch }: Pick<Dependencies, "fetch">,
): Promise<TokenSet> {
  try {
    const server = await authorizationServer(provider, fetch);
    const client: oauth.Client = { client_id: provider.clientId, [oauth.clockTolerance]: clockToleranceSeconds };
    const callbackParams = new URLSearchParams(callback.search);
    // Without metadata there is no issuer to compare with; the state protects such callbacks.
    if (!provider.issuer) callbackParams.delete("iss");
    const parameters = oauth.validateAuthResponse(server, client, callbackParams, pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.ClientSecretPost(provider.clientSecret),
      parameters,
      provider.redirectUri,
      pending.verifier,
      options(provider.issuer ?? provider.tokenEndpoint ?? "", fetch),
    );
    await throwErrorIn200(response);
    const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: pending.nonce ?? oauth.expectNoNonce,
      requireIdToken: wantsIdentity(provider),
    });
    return {
      token: tokens.access_token,
      expiresIn: tokens.expires_in ?? null,
      scope: tokens.scope ?? null,
      claims: oauth.getValidatedIdTokenClaims(tokens) ?? null,
    };
  } catch (error) {
    return throwOperational(provider, error);
  }
}

/** Revokes a token if the provider has a revocation endpoint; throws if that fails. */
export async function revokeToken(
  provider: Provider,
  token: string,
  { fetch }: Pick<Dependencies, "fetch">,
): Promise<void> {
  const server = await authorizationServer(provider, fetch);
  if (!server.revocation_endpoint) return;
  const client: oauth.Client = { client_id: provider.clientId };
  const clientAuth = oauth.ClientSecretPost(provider.clientSecret);
  const requestOptions = options(provider.issuer ?? "", fetch);
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, clientAuth, token, requestOptions),
  );
}

const wantsIdentity = ({ issuer, scope }: Provider) => issuer !== undefined && scope.split(" ").includes("openid");

/** Allows http only if the provider is configured so: a test, or one on this machine. */
const options = (url: string, fetchFn: typeof fetch) => ({
  [oauth.customFetch]: (url: string, init: RequestInit) => fetchFn(url, init),
  [oauth.allowInsecureRequests]: url.startsWith("http:"),
  signal: () => AbortSignal.timeout(timeoutMs),
});

async function authorizationServer(provider: Provider, fetchFn: typeof fetch): Promise<oauth.AuthorizationServer> {
  const { issuer, authorizationEndpoint, tokenEndpoint } = provider;
  if (!issuer)
    return {
      issuer: new URL(authorizationEndpoint ?? "").origin,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
    };
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options(issuer, fetchFn)));
}

/** Throws an error sent with status 200, as GitHub does: https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors */
async function throwErrorIn200(response: Response): Promise<void> {
  if (!response.ok) return;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  if (typeof error === "string") throw new ErrorIn200(error);
}

class ErrorIn200 extends Error {
  error: string;
  constructor(error: string) {
    super(error);
    this.error = error;
  }
}

const reconnect = "Go back to where you came from, and connect once more.";
const checkClient =
  "Whoever runs this Slipway has to look at its client there: its id, its secret, its redirect address.";

function throwOperational(provider: Provider, error: unknown): never {
  const { host } = new URL(provider.issuer ?? provider.authorizationEndpoint ?? "");
  const [message, next] = describeError(host, error);
  throw new OperationalError(message, next, { cause: error });
}

function describeError(host: string, error: unknown): [message: string, next: string] {
  if (error instanceof oauth.AuthorizationResponseError)
    return error.error === "access_denied"
      ? ["You did not give your consent, so nothing was lent.", reconnect]
      : describeCode(host, error.error);
  if (error instanceof oauth.ResponseBodyError)
    return error.status >= 500 ? unavailable(host) : describeCode(host, error.error);
  if (error instanceof ErrorIn200) return describeCode(host, error.error);
  if (error instanceof oauth.OperationProcessingError) {
    if (/"state"/.test(error.message))
      return ["This answer belongs to another attempt to connect than the one begun here.", reconnect];
    if (/\biss(uer)?\b/.test(error.message) || concerns(error, "iss") || concerns(error, "issuer"))
      return [`The answer does not come from ${host}, so it is not used.`, checkClient];
    if (error.code === oauth.RESPONSE_IS_NOT_CONFORM) return unavailable(host);
    return [`What ${host} answered cannot be trusted: ${error.message}.`, reconnect];
  }
  if (error instanceof oauth.UnsupportedOperationError)
    return [`What ${host} answered cannot be used: ${error.message}.`, checkClient];
  return unavailable(host);
}

const unavailable = (host: string): [string, string] => [
  `${host} does not answer.`,
  `${reconnect} In some minutes, perhaps.`,
];

const concerns = ({ cause }: Error, what: string) =>
  typeof cause === "object" &&
  cause !== null &&
  [Reflect.get(cause, "claim"), Reflect.get(cause, "attribute")].includes(what);

function describeCode(host: string, code: string): [message: string, next: string] {
  switch (code) {
    case "invalid_grant":
    case "bad_verification_code":
      return ["This answer was used already, or is too old.", reconnect];
    case "temporarily_unavailable":
    case "server_error":
      return unavailable(host);
    default:
      return [`${host} refused: ${code.slice(0, 60)}.`, checkClient];
  }
}
