import { type Context, Hono } from "hono";
import { type Cloud, type Consent, Refusal } from "../../src/clouds/cloud.ts";
import { isLoopback } from "../../src/config.ts";
import { begin, finish, type Given, type Kept, revoke } from "../../src/identity/oauth-client.ts";
import { consentPage } from "../../views/access/connect-oauth.ts";
import { troublePage } from "../../views/error-page.ts";
import type { Slipway } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { answer, nothingHere, wantsJson } from "../http/respond.ts";
import { ownPath } from "../http/same-origin-path.ts";
import { forget, keep, kept } from "../http/sealed-cookie.ts";
import { shortBody } from "../http/security.ts";
import { forgetLent, lendHere, lentHere } from "./access-cookie.ts";

type Needs = Pick<Slipway, "clouds" | "seal" | "random" | "now" | "fetch"> & { config: { origin: string } };

/** What the browser keeps while its visitor is asked for consent. */
interface Asked {
  kept: Kept;
  to: string;
}

const hour = 3600;
/** Seconds before its end from which a token is no longer begun with. */
const margin = 60;

/** How a visitor lends access by OAuth: what is lent, the way to the cloud and back, and an end to it. */
export const consent = (needs: Needs) => {
  const { clouds, config, seal, random, now, fetch } = needs;
  const { origin } = config;
  const jar = { origin, seal, now };
  const asked = (id: string) => `${id}_asked`;

  function lenderOf(c: Context): { cloud: Cloud; lender: Consent } | null {
    const cloud = clouds.find(({ id }) => id === c.req.param("cloud"));
    return cloud?.connect.consent ? { cloud, lender: cloud.connect.consent } : null;
  }
  const providerOf = ({ id }: Cloud, lender: Consent) => ({
    ...lender,
    redirectUri: `${origin}/connect/${id}/callback`,
  });
  const homeOf = ({ id }: Cloud) => `/connect/${id}`;

  /** Says why, and leads back to where the visitor came from. */
  function failed(c: Context, { id, name }: Cloud, refusal: Refusal, to: string, status: 422 | 502) {
    const { message, next } = refusal;
    if (wantsJson(c))
      return c.json({ problems: [{ file: "", line: null, column: null, path: "", message, fix: next }] }, status);
    const actions = [
      { label: "Try again", href: `/connect/${id}?${new URLSearchParams({ to })}` },
      { label: "Back", href: to },
    ];
    return c.html(
      troublePage({ assets, title: `${name} is not connected`, message, fix: next, actions, retryAt: null }),
      status,
    );
  }

  const routes = new Hono()
    .get("/connect/:cloud", async (c) => {
      const found = lenderOf(c);
      if (!found) return nothingHere(c);
      const { cloud, lender } = found;
      c.header("Cache-Control", "no-store");
      const to = ownPath(c.req.query("to"), origin);
      if (to === null) {
        const lent = lentHere(c, needs, cloud.id);
        const { name, connect } = cloud;
        const { account, lends, scope, wide } = lender;
        return answer(
          c,
          () => ({ issuer: lender.issuer, scope, lends }),
          () =>
            consentPage({
              assets,
              cloud: { id: cloud.id, name },
              explain: connect.explain,
              account,
              lends,
              wide,
              who: lent?.who ?? null,
            }),
        );
      }
      // A cookie for 127.0.0.1 would not be there when the cloud leads back to localhost.
      const here = new URL(c.req.url);
      if (isLoopback(origin) && here.host !== new URL(origin).host)
        return c.redirect(`${origin}${here.pathname}${here.search}`, 303);
      try {
        const { url, kept } = await begin(providerOf(cloud, lender), { fetch, random });
        keep(c, jar, asked(cloud.id), { kept, to } satisfies Asked);
        return c.redirect(url, 303);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return failed(c, cloud, error, to, 502);
      }
    })
    .get("/connect/:cloud/callback", async (c) => {
      const found = lenderOf(c);
      if (!found) return nothingHere(c);
      const { cloud, lender } = found;
      c.header("Cache-Control", "no-store");
      const one = kept(c, jar, asked(cloud.id)) as Asked | null;
      forget(c, jar, asked(cloud.id));
      try {
        if (!one)
          throw new Refusal(
            "This answer was not asked for from this browser, or more than ten minutes ago.",
            "Connect once more, and answer within ten minutes.",
          );
        const given = await finish(providerOf(cloud, lender), one.kept, new URL(c.req.url), { fetch });
        checkScopes(lender, given);
        const seconds = Math.min(given.expiresIn ?? hour, hour) - margin;
        const who = typeof given.claims?.email === "string" ? given.claims.email : `your ${lender.account}`;
        lendHere(c, needs, cloud.id, { token: given.token, who }, Math.max(seconds, margin));
        return c.redirect(one.to, 303);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return failed(c, cloud, error, one?.to ?? homeOf(cloud), 422);
      }
    })
    .post("/connect/:cloud/end", shortBody, async (c) => {
      const found = lenderOf(c);
      if (!found) return nothingHere(c);
      const { cloud, lender } = found;
      const lent = lentHere(c, needs, cloud.id);
      forgetLent(c, needs, cloud.id);
      // What the cloud does not take back by itself now ends with its hour.
      if (lent) await revoke(providerOf(cloud, lender), lent.token, { fetch }).catch(() => {});
      return c.redirect(ownPath((await fieldsOf(c)).to, origin) ?? homeOf(cloud), 303);
    })
    .post("/connect/:cloud/make", shortBody, async (c) => {
      const found = lenderOf(c);
      if (!found?.lender.make) return nothingHere(c);
      const { cloud, lender } = found;
      const { to: wish, ...rest } = await fieldsOf(c);
      const to = ownPath(wish, origin) ?? homeOf(cloud);
      const lent = lentHere(c, needs, cloud.id);
      if (!lent) return c.redirect(to, 303);
      try {
        const input = Object.entries(rest).map(([name, value]) => [name.replace(/^make\[(.*)\]$/, "$1"), value]);
        const made = await lender.make?.({ token: lent.token }, Object.fromEntries(input));
        if (!made?.ok) {
          const [problem] = made?.problems ?? [];
          throw new Refusal(problem?.message ?? "It was not made.", problem?.fix ?? "");
        }
        const url = new URL(to, origin);
        for (const [name, value] of Object.entries(made.value)) url.searchParams.set(`access[${name}]`, value);
        return c.redirect(url.pathname + url.search, 303);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const actions = [{ label: "Back", href: to }];
        const { message, next: fix } = error;
        const title = `${cloud.name} did not make it`;
        return c.html(troublePage({ assets, title, message, fix, actions, retryAt: null }), 422);
      }
    });
  return routes;
};

const fieldsOf = async (c: Context): Promise<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(await c.req.text()));

/** Google lets people untick what is asked for; other names of a scope, such as `email`, come back longer. */
function checkScopes({ scope }: Consent, { scope: given }: Given) {
  const missing = scope.split(" ").filter((one) => one.includes("/") && !given?.split(" ").includes(one));
  if (given !== null && missing.length > 0)
    throw new Refusal(
      "You agreed to a part of what was asked only, and that is too little to deploy with.",
      "Connect once more, and tick the box in front of what is asked for.",
    );
}
