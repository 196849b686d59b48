import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { exchangeCode, type Provider, startAuthorization } from "../../src/identity/oauth-client.ts";
import { type Consent, followRedirects, startOidcProvider } from "../fakes/oauth.ts";

const redirectUri = "http://127.0.0.1:9/connect/callback";
const random = (bytes: number) => randomBytes(bytes);
const client = { id: "slipway.apps", secret: "a secret of the operator" };

/** What somebody was refused with, in words. */
const words = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OperationalError)) throw new Error("nobody refused anything", { cause: error });
  return `${error.message} ${error.next}`;
};

describe("with OpenID Connect", () => {
  let google: Consent;
  let provider: Provider;
  beforeAll(async () => {
    const scopes = ["https://www.googleapis.com/auth/cloud-platform"];
    google = await startOidcProvider({ client, redirectUris: [redirectUri], scopes, email: "ada@example.com" });
    provider = {
      issuer: google.issuer,
      clientId: client.id,
      clientSecret: client.secret,
      redirectUri,
      scope: `${scopes[0]} openid email`,
      authorizationParams: { access_type: "online", include_granted_scopes: "false" },
    };
  });
  afterAll(() => google.close());

  const round = async (answer: "allow" | "deny" = "allow") => {
    const { url, pending } = await startAuthorization(provider, { fetch, random });
    return { url, pending, callback: await followRedirects(url, answer, redirectUri) };
  };

  test("consent gives a token for an hour, and says who gave it", async () => {
    const { pending, callback } = await round();
    const tokens = await exchangeCode(provider, pending, callback, { fetch });
    expect(tokens.claims).toMatchObject({ email: "ada@example.com", iss: google.issuer, aud: client.id });
    expect(tokens.expiresIn).toBeGreaterThan(3000);
    expect(tokens.scope).toContain("cloud-platform");
    expect(await google.knows(tokens.token)).toBe(true);
  });

  test("what is asked carries PKCE and what is special about the provider, and nothing that is secret", async () => {
    const { url, pending } = await startAuthorization(provider, { fetch, random });
    const asked = Object.fromEntries(new URL(url).searchParams);
    expect(asked).toMatchObject({
      response_type: "code",
      code_challenge_method: "S256",
      access_type: "online",
      include_granted_scopes: "false",
      state: pending.state,
      nonce: pending.nonce,
    });
    expect(url).not.toContain(pending.verifier);
    expect(url).not.toContain(encodeURIComponent(client.secret));
    const again = await startAuthorization(provider, { fetch, random });
    expect(new Set([pending.state, pending.verifier, again.pending.state, again.pending.verifier]).size).toBe(4);
  });

  test("denied consent is said as that", async () => {
    const { pending, callback } = await round("deny");
    expect(await words(exchangeCode(provider, pending, callback, { fetch }))).toContain(
      "You did not give your consent",
    );
  });

  test("an answer to another attempt is refused, and so is one without a state", async () => {
    const { callback } = await round();
    const { pending } = await startAuthorization(provider, { fetch, random });
    expect(await words(exchangeCode(provider, pending, callback, { fetch }))).toContain("another attempt");
    callback.searchParams.delete("state");
    expect(await words(exchangeCode(provider, pending, callback, { fetch }))).toContain("another attempt");
  });

  test("a code is good once", async () => {
    const { pending, callback } = await round();
    await exchangeCode(provider, pending, callback, { fetch });
    expect(await words(exchangeCode(provider, pending, callback, { fetch }))).toContain("used already, or is too old");
  });

  test("a code that was meant for another verifier or another nonce is refused", async () => {
    const first = await round();
    const stolen = { ...first.pending, verifier: Buffer.from(random(32)).toString("base64url") };
    expect(await words(exchangeCode(provider, stolen, first.callback, { fetch }))).toContain(
      "used already, or is too old",
    );
    const second = await round();
    const injected = { ...second.pending, nonce: "somebody else's" };
    expect(await words(exchangeCode(provider, injected, second.callback, { fetch }))).toContain("cannot be trusted");
  });

  test("an answer from another issuer is refused, wherever it shows", async () => {
    const { pending, callback } = await round();
    const moved = new URL(callback);
    moved.searchParams.set("iss", "https://evil.example");
    expect(await words(exchangeCode(provider, pending, moved, { fetch }))).toContain("does not come from 127.0.0.1");

    const lying = rewriting("/.well-known/openid-configuration", (body) => ({
      ...body,
      issuer: "https://evil.example",
    }));
    expect(await words(startAuthorization(provider, { fetch: lying, random }))).toContain(
      "does not come from 127.0.0.1",
    );

    const foreign = rewriting("/token", (body) => {
      const [head, claims = "", signature] = String(body.id_token).split(".");
      const forgedClaims = { ...JSON.parse(Buffer.from(claims, "base64url").toString()), iss: "https://evil.example" };
      const changed = Buffer.from(JSON.stringify(forgedClaims)).toString("base64url");
      return { ...body, id_token: [head, changed, signature].join(".") };
    });
    expect(await words(exchangeCode(provider, pending, callback, { fetch: foreign }))).toContain(
      "does not come from 127.0.0.1",
    );
  });

  test("a client that the provider does not know is the operator's to mend", async () => {
    const { pending, callback } = await round();
    const wrong = { ...provider, clientSecret: "another" };
    expect(await words(exchangeCode(wrong, pending, callback, { fetch }))).toMatch(
      /refused: invalid_client.*Whoever runs/,
    );
  });

  test("a provider that is down is said to be down", async () => {
    const gone = { ...provider, issuer: "http://127.0.0.1:9" };
    expect(await words(startAuthorization(gone, { fetch, random }))).toContain("127.0.0.1:9 does not answer");
    const { pending, callback } = await round();
    const ill: typeof fetch = async (to, init) =>
      String(to).endsWith("/token") ? new Response("Bad gateway", { status: 502 }) : fetch(to, init);
    expect(await words(exchangeCode(provider, pending, callback, { fetch: ill }))).toContain("does not answer");
  });

  test("plain http is only for who is configured with it", async () => {
    const leading = rewriting("/.well-known/openid-configuration", (body) => ({
      ...body,
      issuer: "https://id.example",
    }));
    const at = (to: string) => to.replace("https://id.example", google.issuer);
    const secure = { ...provider, issuer: "https://id.example" };
    const { pending } = await startAuthorization(secure, {
      fetch: (to, init) => leading(at(String(to)), init),
      random,
    });
    const callback = new URL(`${redirectUri}?code=x&state=${pending.state}&iss=https://id.example`);
    let reached = false;
    const watch: typeof fetch = (to, init) => {
      reached ||= String(to).endsWith("/token");
      return leading(at(String(to)), init);
    };
    // Its metadata names an http endpoint for the code and our secret.
    expect(await words(exchangeCode(secure, pending, callback, { fetch: watch }))).toContain(
      "only requests to HTTPS are allowed",
    );
    expect(reached).toBe(false);
  });
});

/** The network, with the JSON of one endpoint changed on its way. */
function rewriting(path: string, change: (body: Record<string, unknown>) => object): typeof fetch {
  return async (to, init) => {
    const response = await fetch(to, init);
    if (!new URL(String(to)).pathname.endsWith(path)) return response;
    return Response.json(change((await response.json()) as Record<string, unknown>), { status: response.status });
  };
}

describe("with plain OAuth, as GitHub has it", () => {
  let server: Server;
  let origin: string;
  let codes: Map<string, string>;
  let answer: object | null;
  let asked: URLSearchParams[];
  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      const form = new URLSearchParams(body);
      asked.push(form);
      const code = form.get("code") ?? "";
      const isKnown = codes.get(code) === form.get("client_secret");
      codes.delete(code);
      response.setHeader("content-type", "application/json; charset=utf-8");
      const granted = { access_token: "gho_one", scope: "", token_type: "bearer" };
      response.end(JSON.stringify(answer ?? (isKnown ? granted : { error: "bad_verification_code" })));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  afterEach(() => {
    answer = null;
  });

  const github = (): Provider => {
    codes = new Map([["c0de", client.secret]]);
    asked = [];
    answer = null;
    return {
      authorizationEndpoint: `${origin}/login/oauth/authorize`,
      tokenEndpoint: `${origin}/login/oauth/access_token`,
      clientId: client.id,
      clientSecret: client.secret,
      redirectUri,
      scope: "",
    };
  };

  test("a token comes with its scopes, and without claims or a time", async () => {
    const provider = github();
    const { url, pending } = await startAuthorization(provider, { fetch, random });
    expect(url).toMatch(`${origin}/login/oauth/authorize?`);
    expect(pending).not.toHaveProperty("nonce");
    const callback = new URL(
      `${redirectUri}?code=c0de&state=${pending.state}&iss=${encodeURIComponent(`${origin}/login`)}`,
    );
    const tokens = await exchangeCode(provider, pending, callback, { fetch });
    expect(tokens).toEqual({ token: "gho_one", expiresIn: null, scope: "", claims: null });
    expect(asked[0]?.get("code_verifier")).toBe(pending.verifier);
  });

  test("a code that is used or old is refused in words, though the status says that all is well", async () => {
    const provider = github();
    const { pending } = await startAuthorization(provider, { fetch, random });
    const callback = new URL(`${redirectUri}?code=c0de&state=${pending.state}`);
    await exchangeCode(provider, pending, callback, { fetch });
    expect(await words(exchangeCode(provider, pending, callback, { fetch }))).toContain("used already, or is too old");
    answer = { error: "incorrect_client_credentials" };
    expect(await words(exchangeCode(provider, pending, callback, { fetch }))).toContain("incorrect_client_credentials");
  });
});
