import { Hono } from "hono";
import { type OAuthAccess, OperationalError } from "../../src/clouds/cloud.ts";
import { exchangeCode, type TokenSet } from "../../src/identity/oauth-client.ts";
import { respondNotFound } from "../http/respond.ts";
import { deleteSealedCookie, getSealedCookie } from "../http/sealed-cookie.ts";
import { setAccessCookie } from "./access-cookie.ts";
import {
  type AuthorizationCookie,
  authorizationCookieName,
  connectPath,
  type Needs,
  oauthCloudFromUrl,
  oauthProvider,
  respondNotConnected,
} from "./oauth-cloud.ts";

const maxSeconds = 3600;
/** Seconds before its expiry in which a token is no longer used for something new. */
const expiryMarginSeconds = 60;

/** Exchanges the code that a cloud redirects back with for an access token. */
export const oauthCallbackRoutes = (needs: Needs) => {
  const { clouds, config, fetch } = needs;
  const { origin } = config;

  return new Hono().get("/connect/:cloud/callback", async (c) => {
    const match = oauthCloudFromUrl(c, clouds);
    if (!match) return respondNotFound(c);
    const { cloud, oauth } = match;
    c.header("Cache-Control", "no-store");
    const name = authorizationCookieName(cloud.id);
    const pending = getSealedCookie(c, needs, name) as AuthorizationCookie | null;
    deleteSealedCookie(c, needs, name);
    try {
      if (!pending)
        throw new OperationalError(
          "This sign-in was started in another browser or has expired.",
          "Connect again and finish within ten minutes.",
        );
      const url = new URL(c.req.url);
      const tokens = await exchangeCode(oauthProvider(cloud, oauth, origin), pending.kept, url, { fetch });
      checkScopes(oauth, tokens);
      const seconds = Math.min(tokens.expiresIn ?? maxSeconds, maxSeconds) - expiryMarginSeconds;
      const account = typeof tokens.claims?.email === "string" ? tokens.claims.email : `your ${oauth.accountLabel}`;
      const grant = { token: tokens.token, account };
      setAccessCookie(c, needs, cloud.id, grant, Math.max(seconds, expiryMarginSeconds));
      return c.redirect(pending.to, 303);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      return respondNotConnected(c, cloud, error, pending?.to ?? connectPath(cloud), 422);
    }
  });
};

/** Google lets users deselect scopes. It returns scopes without a slash, such as `email`, under a longer name. */
function checkScopes({ scope: requested }: OAuthAccess, { scope: granted }: TokenSet) {
  if (granted === null) return;
  const grantedScopes = granted.split(" ");
  const missing = requested.split(" ").filter((scope) => scope.includes("/") && !grantedScopes.includes(scope));
  if (missing.length > 0)
    throw new OperationalError(
      "You granted only some of the permissions, which is not enough to deploy.",
      "Connect again and check the box of every permission.",
    );
}
