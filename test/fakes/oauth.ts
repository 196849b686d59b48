import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Provider, { interactionPolicy } from "oidc-provider";

interface Options {
  client: { id: string; secret: string };
  /** Allowed redirect URIs. */
  redirectUris: string[];
  scopes: string[];
  /** The user's e-mail address. */
  email: string;
  /** Called with every issued token. */
  gives?: (token: string) => void;
}

export type Consent = Awaited<ReturnType<typeof startOidcProvider>>;

/**
 * Starts a certified OpenID provider on loopback, configured like Google: opaque tokens for an hour, the e-mail in the
 * ID token, PKCE, one consent page. `POST` there with `answer=allow` or `answer=deny`.
 */
export async function startOidcProvider({ client, redirectUris, scopes, email, gives = () => {} }: Options) {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const policy = interactionPolicy.base();
  // Google's own page lets the user choose an account; this one only consents.
  policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }));
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: redirectUris,
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    scopes: ["openid", "email", ...scopes],
    claims: { openid: ["sub"], email: ["email", "email_verified"] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true, allowedPolicy: async () => true } },
    ttl: { AccessToken: 3599, AuthorizationCode: 60, IdToken: 3600, Interaction: 600, Session: 3600, Grant: 3600 },
    cookies: { keys: ["of a test"] },
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "one" }] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id, email, email_verified: true }),
    }),
    interactions: { policy, url: (_: unknown, { uid }: { uid: string }) => `/consent/${uid}` },
  });
  provider.on("grant.success", (context) => gives((context as { body: { access_token: string } }).body.access_token));
  const answer = provider.callback();

  async function handleConsent(request: IncomingMessage, response: ServerResponse) {
    const { params, prompt } = await provider.interactionDetails(request, response);
    if (request.method !== "POST") {
      response.setHeader("content-type", "text/html; charset=utf-8");
      return response.end(page(params.scope ?? ""));
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    if (new URLSearchParams(body).get("answer") !== "allow")
      return provider.interactionFinished(
        request,
        response,
        { error: "access_denied", error_description: "The user denied access" },
        { mergeWithLastSubmission: false },
      );
    const grant = new provider.Grant({ accountId: "108", clientId: params.client_id });
    grant.addOIDCScope(params.scope ?? "");
    const grantId = await grant.save();
    const result = {
      ...(prompt.name === "login" ? { login: { accountId: "108" } } : {}),
      consent: { grantId },
      select_account: {},
    };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  }

  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const isConsent = request.url?.startsWith("/consent/");
    (isConsent ? handleConsent(request, response) : answer(request, response)).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });

  return {
    issuer,
    /** Returns whether it issued this token and it has not expired or been revoked. */
    knows: async (token: string) => (await provider.AccessToken.find(token))?.isExpired === false,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

const page = (scope: string) => `<!doctype html><html lang="en"><title>Consent</title><h1>Slipway wants access</h1>
<p>${scope.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</p>
<form method="post"><button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button></form></html>`;

/** Follows redirects with cookies, as a browser does, until a URL starts with `until`; answers the consent page. */
export async function followRedirects(url: string, answer: "allow" | "deny", until: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let at = url;
  let form: string | undefined;
  for (let turns = 0; turns < 12; turns++) {
    if (at.startsWith(until)) return new URL(at);
    const response = await fetch(at, {
      redirect: "manual",
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      },
      ...(form ? { method: "POST", body: form } : {}),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = line.match(/^([^=]+)=([^;]*)/) ?? [];
      cookies.set(name, value);
    }
    const to = response.headers.get("location");
    if (to) {
      at = new URL(to, at).href;
      form = undefined;
    } else if (new URL(at).pathname.startsWith("/consent/") && response.ok) form = `answer=${answer}`;
    else throw new Error(`${at} answered ${response.status}: ${(await response.text()).slice(0, 300)}`);
  }
  throw new Error(`${url} never came to ${until}`);
}
