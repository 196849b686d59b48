import { z } from "zod";
import { OperationalError } from "../clouds/cloud.ts";
import type { Config } from "../config.ts";
import type { PendingAuthorization, Provider } from "../identity/oauth-client.ts";
import { RepositoryProblemError } from "../repositories/github/errors.ts";
import { userLookup } from "../repositories/github/user-lookup.ts";

/** Who signed in, and what GitHub gave us to ask in their name. */
export interface SignedInUser {
  user: number;
  login: string;
  token: string;
  scope: string;
}

export interface SignIn {
  /** Where to send the browser, and what it must keep until it is back. Throws a `Refusal`. */
  begin(scope: Scope): Promise<{ url: string; pending: PendingAuthorization }>;
  /** Who came back. Throws a `Refusal` in words. */
  finish(kept: PendingAuthorization, scope: Scope, callback: URL): Promise<SignedInUser>;
  /** Has GitHub forget a token that we have forgotten ourselves. That it cannot be told so is no reason to keep anybody. */
  revokeToken(token: string): Promise<void>;
}

/** Nothing beyond what is public, or writing to public repositories, for who wants us to open a pull request. */
export const scopes = ["", "public_repo"] as const;
export type Scope = (typeof scopes)[number];

export const callbackPath = "/sign-in/callback";

interface Needs {
  config: Pick<Config, "origin" | "github">;
  fetch: typeof fetch;
  random: (bytes: number) => Uint8Array;
  now: () => number;
}

const User = z.object({ id: z.int(), login: z.string().regex(/^[\w-]{1,100}$/) });

/** Signing in with GitHub; null where the operator has no OAuth app there. */
export function createSignIn({ config, fetch, random, now }: Needs): SignIn | null {
  const { client, oauthUrl, apiUrl } = config.github;
  if (client === null) return null;
  const provider = (scope: Scope): Provider => ({
    authorizationEndpoint: `${oauthUrl}/login/oauth/authorize`,
    tokenEndpoint: `${oauthUrl}/login/oauth/access_token`,
    clientId: client.id,
    clientSecret: client.secret,
    redirectUri: config.origin + callbackPath,
    scope,
  });
  const ask = userLookup({ apiUrl, fetch, now });
  return {
    async revokeToken(token) {
      // https://docs.github.com/en/rest/apps/oauth-applications#delete-an-app-token
      await fetch(`${apiUrl}/applications/${encodeURIComponent(client.id)}/token`, {
        method: "DELETE",
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`,
          "content-type": "application/json",
          "user-agent": "slipway",
          "x-github-api-version": "2022-11-28",
        },
        body: JSON.stringify({ access_token: token }),
        signal: AbortSignal.timeout(10_000),
      }).catch(() => {});
    },
    async begin(scope) {
      const { startAuthorization: begin } = await import("../identity/oauth-client.ts");
      return begin(provider(scope), { fetch, random });
    },
    async finish(kept, scope, callback) {
      const { exchangeCode: finish } = await import("../identity/oauth-client.ts");
      const given = await finish(provider(scope), kept, callback, { fetch });
      const user = await ask(given.token, "/user", User).catch((error) => {
        if (!(error instanceof RepositoryProblemError)) throw error;
        throw new OperationalError(error.message, error.problem.note.fix, { cause: error });
      });
      if (user === null || user === "gone")
        throw new OperationalError("GitHub does not say who this is.", "Sign in once more.");
      return { user: user.id, login: user.login, token: given.token, scope: given.scope ?? scope };
    },
  };
}
