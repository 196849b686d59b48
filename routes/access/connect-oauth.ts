import { Hono } from "hono";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { isLoopback } from "../../src/config.ts";
import { revokeToken, startAuthorization } from "../../src/identity/oauth-client.ts";
import { consentPage } from "../../views/access/connect-oauth.ts";
import { assets } from "../http/assets.ts";
import { parseFormFields } from "../http/body-fields.ts";
import { respond, respondNotFound } from "../http/respond.ts";
import { sameOriginPath } from "../http/same-origin-path.ts";
import { setSealedCookie } from "../http/sealed-cookie.ts";
import { limitBody } from "../http/security.ts";
import { deleteAccessCookie, getAccessCookie } from "./access-cookie.ts";
import { createTargetRoutes } from "./create-target.ts";
import { oauthCallbackRoutes } from "./oauth-callback.ts";
import {
  type AuthorizationCookie,
  authorizationCookieName,
  connectPath,
  type Needs,
  oauthCloudFromUrl,
  oauthProvider,
  respondNotConnected,
} from "./oauth-cloud.ts";

/** Connects a visitor's account by OAuth and disconnects it. */
export const oauthRoutes = (needs: Needs) => {
  const { clouds, config, random, fetch } = needs;
  const { origin } = config;

  return new Hono()
    .get("/connect/:cloud", async (c) => {
      const match = oauthCloudFromUrl(c, clouds);
      if (!match) return respondNotFound(c);
      const { cloud, oauth } = match;
      c.header("Cache-Control", "no-store");
      const returnPath = sameOriginPath(c.req.query("to"), origin);
      if (returnPath === null) {
        const { issuer, accountLabel, requestedAccess, scope, excessScope } = oauth;
        return respond(
          c,
          () => ({ issuer, scope, lends: requestedAccess }),
          () =>
            consentPage({
              assets,
              cloud: { id: cloud.id, name: cloud.name },
              explain: cloud.connect.summary,
              accountLabel,
              requestedAccess,
              excessScope,
              connectedAs: getAccessCookie(c, needs, cloud.id)?.account ?? null,
            }),
        );
      }
      // A cookie set on 127.0.0.1 would be missing when the cloud redirects to localhost.
      const { host, pathname, search } = new URL(c.req.url);
      if (isLoopback(origin) && host !== new URL(origin).host) return c.redirect(origin + pathname + search, 303);
      try {
        const { url, pending } = await startAuthorization(oauthProvider(cloud, oauth, origin), { fetch, random });
        const cookie: AuthorizationCookie = { kept: pending, to: returnPath };
        setSealedCookie(c, needs, authorizationCookieName(cloud.id), cookie);
        return c.redirect(url, 303);
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        return respondNotConnected(c, cloud, error, returnPath, 502);
      }
    })
    .post("/connect/:cloud/end", limitBody, async (c) => {
      const match = oauthCloudFromUrl(c, clouds);
      if (!match) return respondNotFound(c);
      const { cloud, oauth } = match;
      const grant = getAccessCookie(c, needs, cloud.id);
      deleteAccessCookie(c, needs, cloud.id);
      // A token that cannot be revoked expires within the hour.
      if (grant) await revokeToken(oauthProvider(cloud, oauth, origin), grant.token, { fetch }).catch(() => {});
      const { to } = await parseFormFields(c);
      return c.redirect(sameOriginPath(to, origin) ?? connectPath(cloud), 303);
    })
    .route("/", oauthCallbackRoutes(needs))
    .route("/", createTargetRoutes(needs));
};
