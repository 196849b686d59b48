import { type Context, Hono } from "hono";
import { type Cloud, type OAuthAccess, OperationalError } from "../../src/clouds/cloud.ts";
import { isLoopback } from "../../src/config.ts";
import {
  exchangeCode,
  type PendingAuthorization,
  revokeToken,
  startAuthorization,
  type TokenSet,
} from "../../src/identity/oauth-client.ts";
import { consentPage } from "../../views/access/connect-oauth.ts";
import { errorPage } from "../../views/error-page.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { respond, respondNotFound, wantsJson } from "../http/respond.ts";
import { sameOriginPath } from "../http/same-origin-path.ts";
import { deleteSealedCookie, getSealedCookie, setSealedCookie } from "../http/sealed-cookie.ts";
import { limitBody } from "../http/security.ts";
import { deleteAccessCookie, getAccessCookie, setAccessCookie } from "./access-cookie.ts";

type Needs = Pick<AppContext, "clouds" | "seal" | "random" | "now" | "fetch"> & { config: { origin: string } };

/** What the browser keeps while its visitor is asked for consent. */
interface Asked {
  kept: PendingAuthorization;
  to: string;
}

const hour = 3600;
/** Seconds before its end from which a token is no longer begun with. */
const margin = 60;

/** How a visitor lends access by OAuth: what is lent, the way to the cloud and back, and an end to it. */
export const oauthRoutes = (needs: Needs) => {
  const { clouds, config, seal, random, now, fetch } = needs;
  const { origin } = config;
  const jar = { origin, seal, now };
  const asked = (id: string) => `${id}_asked`;

  function lenderOf(c: Context): { cloud: Cloud; lender: OAuthAccess } | null {
    const cloud = clouds.find(({ id }) => id === c.req.param("cloud"));
    return cloud?.connect.consent ? { cloud, lender: cloud.connect.consent } : null;
  }
  const providerOf = ({ id }: Cloud, lender: OAuthAccess) => ({
    ...lender,
    redirectUri: `${origin}/connect/${id}/callback`,
  });
  const homeOf = ({ id }: Cloud) => `/connect/${id}`;

  /** Says why, and leads back to where the visitor came from. */
  function failed(c: Context, { id, name }: Cloud, refusal: OperationalError, to: string, status: 422 | 502) {
    const { message, next } = refusal;
    if (wantsJson(c))
      return c.json({ problems: [{ file: "", line: null, column: null, path: "", message, fix: next }] }, status);
    const actions = [
      { label: "Try again", href: `/connect/${id}?${new URLSearchParams({ to })}` },
      { label: "Back", href: to },
    ];
    return c.html(
      errorPage({ assets, title: `${name} is not connected`, message, fix: next, actions, retryAt: null }),
      status,
    );
  }

  const routes = new Hono()
    .get("/connect/:cloud", async (c) => {
      const found = lenderOf(c);
      if (!found) return respondNotFound(c);
      const { cloud, lender } = found;
      c.header("Cache-Control", "no-store");
      const to = sameOriginPath(c.req.query("to"), origin);
      if (to === null) {
        const lent = getAccessCookie(c, needs, cloud.id);
        const { name, connect } = cloud;
        const { accountLabel: account, requestedAccess: lends, scope, excessScope: wide } = lender;
        return respond(
          c,
          () => ({ issuer: lender.issuer, scope, lends }),
          () =>
            consentPage({
              assets,
              cloud: { id: cloud.id, name },
              explain: connect.summary,
              accountLabel: account,
              requestedAccess: lends,
              excessScope: wide,
              connectedAs: lent?.who ?? null,
            }),
        );
      }
      // A cookie for 127.0.0.1 would not be there when the cloud leads back to localhost.
      const here = new URL(c.req.url);
      if (isLoopback(origin) && here.host !== new URL(origin).host)
        return c.redirect(`${origin}${here.pathname}${here.search}`, 303);
      try {
        const { url, pending } = await startAuthorization(providerOf(cloud, lender), { fetch, random });
        setSealedCookie(c, jar, asked(cloud.id), { kept: pending, to } satisfies Asked);
        return c.redirect(url, 303);
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        return failed(c, cloud, error, to, 502);
      }
    })
    .get("/connect/:cloud/callback", async (c) => {
      const found = lenderOf(c);
      if (!found) return respondNotFound(c);
      const { cloud, lender } = found;
      c.header("Cache-Control", "no-store");
      const one = getSealedCookie(c, jar, asked(cloud.id)) as Asked | null;
      deleteSealedCookie(c, jar, asked(cloud.id));
      try {
        if (!one)
          throw new OperationalError(
            "This sign-in was started in another browser or has expired.",
            "Connect again and finish within ten minutes.",
          );
        const given = await exchangeCode(providerOf(cloud, lender), one.kept, new URL(c.req.url), { fetch });
        checkScopes(lender, given);
        const seconds = Math.min(given.expiresIn ?? hour, hour) - margin;
        const who = typeof given.claims?.email === "string" ? given.claims.email : `your ${lender.accountLabel}`;
        setAccessCookie(c, needs, cloud.id, { token: given.token, who }, Math.max(seconds, margin));
        return c.redirect(one.to, 303);
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        return failed(c, cloud, error, one?.to ?? homeOf(cloud), 422);
      }
    })
    .post("/connect/:cloud/end", limitBody, async (c) => {
      const found = lenderOf(c);
      if (!found) return respondNotFound(c);
      const { cloud, lender } = found;
      const lent = getAccessCookie(c, needs, cloud.id);
      deleteAccessCookie(c, needs, cloud.id);
      // What the cloud does not take back by itself now ends with its hour.
      if (lent) await revokeToken(providerOf(cloud, lender), lent.token, { fetch }).catch(() => {});
      return c.redirect(sameOriginPath((await fieldsOf(c)).to, origin) ?? homeOf(cloud), 303);
    })
    .post("/connect/:cloud/make", limitBody, async (c) => {
      const found = lenderOf(c);
      if (!found?.lender.createTarget) return respondNotFound(c);
      const { cloud, lender } = found;
      const { to: wish, ...rest } = await fieldsOf(c);
      const to = sameOriginPath(wish, origin) ?? homeOf(cloud);
      const lent = getAccessCookie(c, needs, cloud.id);
      if (!lent) return c.redirect(to, 303);
      try {
        const input = Object.entries(rest).map(([name, value]) => [name.replace(/^make\[(.*)\]$/, "$1"), value]);
        const made = await lender.createTarget?.({ token: lent.token }, Object.fromEntries(input));
        if (!made?.ok) {
          const [problem] = made?.problems ?? [];
          throw new OperationalError(problem?.message ?? "Nothing was created.", problem?.fix ?? "");
        }
        const url = new URL(to, origin);
        for (const [name, value] of Object.entries(made.value)) url.searchParams.set(`access[${name}]`, value);
        return c.redirect(url.pathname + url.search, 303);
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        const actions = [{ label: "Back", href: to }];
        const { message, next: fix } = error;
        const title = `${cloud.name} couldn't create it`;
        return c.html(errorPage({ assets, title, message, fix, actions, retryAt: null }), 422);
      }
    });
  return routes;
};

const fieldsOf = async (c: Context): Promise<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(await c.req.text()));

/** Google lets people untick what is asked for; other names of a scope, such as `email`, come back longer. */
function checkScopes({ scope }: OAuthAccess, { scope: given }: TokenSet) {
  const missing = scope.split(" ").filter((one) => one.includes("/") && !given?.split(" ").includes(one));
  if (given !== null && missing.length > 0)
    throw new OperationalError(
      "You granted only some of the permissions, which is not enough to deploy.",
      "Connect again and check the box of every permission.",
    );
}
