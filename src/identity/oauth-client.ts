import * as oauth from "oauth4webapi";
import { OperationalError } from "../clouds/cloud.ts";

/** Somebody whom a visitor lets us ask for things in their name. */
export interface Provider {
  /** Where its endpoints are found with OpenID Connect; the two endpoints are given where there is none. */
  issuer?: string;
  authorizationEndpoint?: string;
  tokenEndpoint?: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  scope: string;
  /** More of the authorization request. */
  authorizationParams?: Record<string, string>;
}

/** What the visitor's browser keeps, sealed, until it comes back. */
export interface PendingAuthorization {
  state: string;
  verifier: string;
  nonce?: string;
}

export interface TokenSet {
  token: string;
  /** Seconds; null: it was not said. */
  expiresIn: number | null;
  scope: string | null;
  /** What the id token says of the visitor; null where there is none. */
  claims: Record<string, unknown> | null;
}

interface World {
  fetch: typeof fetch;
  random: (bytes: number) => Uint8Array;
}

const patience = 15_000;
/** Seconds by which two clocks may differ. */
const clocks = 60;

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** Where to send the browser, and what must be kept until it comes back. Throws a `Refusal` when the provider is down. */
export async function startAuthorization(
  provider: Provider,
  { fetch, random }: World,
): Promise<{ url: string; kept: PendingAuthorization }> {
  const server = await serverOf(provider, fetch).catch((error) => refuse(provider, error));
  const kept: PendingAuthorization = {
    state: text(random(24)),
    verifier: text(random(32)),
    ...(wantsIdentity(provider) ? { nonce: text(random(24)) } : {}),
  };
  const url = new URL(server.authorization_endpoint ?? "");
  const asked = {
    response_type: "code",
    client_id: provider.clientId,
    redirect_uri: provider.redirectUri,
    scope: provider.scope,
    state: kept.state,
    code_challenge: await oauth.calculatePKCECodeChallenge(kept.verifier),
    code_challenge_method: "S256",
    ...(kept.nonce ? { nonce: kept.nonce } : {}),
    ...provider.authorizationParams,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  return { url: url.href, kept };
}

/**
 * Exchanges the code that the browser came back with. Throws a `Refusal` in words when consent was denied, the answer
 * belongs to another request, the code was used or is too old, another issuer answered, or the provider is down.
 */
export async function exchangeCode(
  provider: Provider,
  kept: PendingAuthorization,
  callback: URL,
  { fetch }: Pick<World, "fetch">,
): Promise<TokenSet> {
  try {
    const server = await serverOf(provider, fetch);
    const client: oauth.Client = { client_id: provider.clientId, [oauth.clockTolerance]: clocks };
    const answered = new URLSearchParams(callback.search);
    // Who publishes no metadata has no issuer that its name could be compared with; the state is what counts there.
    if (!provider.issuer) answered.delete("iss");
    const parameters = oauth.validateAuthResponse(server, client, answered, kept.state);
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      oauth.ClientSecretPost(provider.clientSecret),
      parameters,
      provider.redirectUri,
      kept.verifier,
      options(provider.issuer ?? provider.tokenEndpoint ?? "", fetch),
    );
    await throwHidden(response);
    const given = await oauth.processAuthorizationCodeResponse(server, client, response, {
      expectedNonce: kept.nonce ?? oauth.expectNoNonce,
      requireIdToken: wantsIdentity(provider),
    });
    return {
      token: given.access_token,
      expiresIn: given.expires_in ?? null,
      scope: given.scope ?? null,
      claims: oauth.getValidatedIdTokenClaims(given) ?? null,
    };
  } catch (error) {
    return refuse(provider, error);
  }
}

/** Takes a token back where the provider says how; throws when it cannot. */
export async function revokeToken(provider: Provider, token: string, { fetch }: Pick<World, "fetch">): Promise<void> {
  const server = await serverOf(provider, fetch);
  if (!server.revocation_endpoint) return;
  const client: oauth.Client = { client_id: provider.clientId };
  const proof = oauth.ClientSecretPost(provider.clientSecret);
  const how = options(provider.issuer ?? "", fetch);
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, proof, token, how));
}

const wantsIdentity = ({ issuer, scope }: Provider) => issuer !== undefined && scope.split(" ").includes("openid");

/** Plain http is for who was configured so: a test, or a provider on this machine. */
const options = (url: string, given: typeof fetch) => ({
  [oauth.customFetch]: (to: string, init: RequestInit) => given(to, init),
  [oauth.allowInsecureRequests]: url.startsWith("http:"),
  signal: () => AbortSignal.timeout(patience),
});

async function serverOf(provider: Provider, given: typeof fetch): Promise<oauth.AuthorizationServer> {
  const { issuer, authorizationEndpoint, tokenEndpoint } = provider;
  if (!issuer)
    return {
      issuer: new URL(authorizationEndpoint ?? "").origin,
      authorization_endpoint: authorizationEndpoint,
      token_endpoint: tokenEndpoint,
    };
  const url = new URL(issuer);
  return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options(issuer, given)));
}

/** An error under status 200, as GitHub answers: https://docs.github.com/en/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors */
async function throwHidden(response: Response): Promise<void> {
  if (!response.ok) return;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  if (typeof error === "string") throw new Hidden(error);
}

class Hidden extends Error {
  error: string;
  constructor(error: string) {
    super(error);
    this.error = error;
  }
}

const again = "Go back to where you came from, and connect once more.";
const operator = "Whoever runs this Slipway has to look at its client there: its id, its secret, its redirect address.";

function refuse(provider: Provider, error: unknown): never {
  const { host } = new URL(provider.issuer ?? provider.authorizationEndpoint ?? "");
  const [message, next] = said(host, error);
  throw new OperationalError(message, next, { cause: error });
}

function said(host: string, error: unknown): [message: string, next: string] {
  if (error instanceof oauth.AuthorizationResponseError)
    return error.error === "access_denied"
      ? ["You did not give your consent, so nothing was lent.", again]
      : known(host, error.error);
  if (error instanceof oauth.ResponseBodyError) return error.status >= 500 ? down(host) : known(host, error.error);
  if (error instanceof Hidden) return known(host, error.error);
  if (error instanceof oauth.OperationProcessingError) {
    if (/"state"/.test(error.message))
      return ["This answer belongs to another attempt to connect than the one begun here.", again];
    if (/\biss(uer)?\b/.test(error.message) || isAbout(error, "iss") || isAbout(error, "issuer"))
      return [`The answer does not come from ${host}, so it is not used.`, operator];
    if (error.code === oauth.RESPONSE_IS_NOT_CONFORM) return down(host);
    return [`What ${host} answered cannot be trusted: ${error.message}.`, again];
  }
  if (error instanceof oauth.UnsupportedOperationError)
    return [`What ${host} answered cannot be used: ${error.message}.`, operator];
  return down(host);
}

const down = (host: string): [string, string] => [`${host} does not answer.`, `${again} In some minutes, perhaps.`];

const isAbout = ({ cause }: Error, what: string) =>
  typeof cause === "object" &&
  cause !== null &&
  [Reflect.get(cause, "claim"), Reflect.get(cause, "attribute")].includes(what);

function known(host: string, code: string): [message: string, next: string] {
  switch (code) {
    case "invalid_grant":
    case "bad_verification_code":
      return ["This answer was used already, or is too old.", again];
    case "temporarily_unavailable":
    case "server_error":
      return down(host);
    default:
      return [`${host} refused: ${code.slice(0, 60)}.`, operator];
  }
}
