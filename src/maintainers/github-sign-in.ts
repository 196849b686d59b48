import { z } from "zod";
import { OperationalError } from "../clouds/cloud.ts";
import type { Config } from "../config.ts";
import type { PendingAuthorization, Provider } from "../identity/oauth-client.ts";
import { RepositoryProblemError } from "../repositories/github/errors.ts";
import { userLookup } from "../repositories/github/user-lookup.ts";

/** The signed-in GitHub user and their token. */
export interface SignedInUser {
  user: number;
  login: string;
  token: string;
  scope: string;
}

export interface SignIn {
  /** Returns where to redirect the browser, and the state it must keep until the callback. Throws an `OperationalError`. */
  begin(scope: Scope): Promise<{ url: string; pending: PendingAuthorization }>;
  /** Exchanges the callback's code for the user. Throws an `OperationalError`. */
  finish(pending: PendingAuthorization, scope: Scope, callback: URL): Promise<SignedInUser>;
  /** Revokes a token at GitHub after we have deleted it. Failures are ignored: signing out must not depend on GitHub. */
  revokeToken(token: string): Promise<void>;
}

/** Public data only, or write access to public repositories for opening a pull request. */
export const scopes = ["", "public_repo"] as const;
export type Scope = (typeof scopes)[number];

export const callbackPath = "/sign-in/callback";

interface SignInDependencies {
  config: Pick<Config, "origin" | "github">;
  fetch: typeof fetch;
  random: (bytes: number) => Uint8Array;
  now: () => number;
}

const User = z.object({ id: z.int(), login: z.string().regex(/^[\w-]{1,100}$/) });

/** Creates sign-in with GitHub; null if the operator has not configured an OAuth app. */
export function createSignIn({ config, fetch, random, now }: SignInDependencies): SignIn | null {
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
  const lookup = userLookup({ apiUrl, fetch, now });
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
      const { startAuthorization } = await import("../identity/oauth-client.ts");
      return startAuthorization(provider(scope), { fetch, random });
    },
    async finish(pending, scope, callback) {
      const { exchangeCode } = await import("../identity/oauth-client.ts");
      const tokens = await exchangeCode(provider(scope), pending, callback, { fetch });
      const user = await lookup(tokens.token, "/user", User).catch((error) => {
        if (!(error instanceof RepositoryProblemError)) throw error;
        throw new OperationalError(error.message, error.problem.note.fix, { cause: error });
      });
      if (user === null || user === "gone")
        throw new OperationalError("GitHub does not say who this is.", "Sign in once more.");
      return { user: user.id, login: user.login, token: tokens.token, scope: tokens.scope ?? scope };
    },
  };
}
