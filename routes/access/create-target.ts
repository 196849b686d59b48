import { Hono } from "hono";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { errorPage } from "../../views/error-page.ts";
import { assets } from "../http/assets.ts";
import { parseFormFields } from "../http/body-fields.ts";
import { respondNotFound } from "../http/respond.ts";
import { sameOriginPath } from "../http/same-origin-path.ts";
import { limitBody } from "../http/security.ts";
import { getAccessCookie } from "./access-cookie.ts";
import { connectPath, type Needs, oauthCloudFromUrl } from "./oauth-cloud.ts";

/** Creates what an app is deployed into, such as a project, in the connected account. */
export const createTargetRoutes = (needs: Needs) => {
  const { clouds, config } = needs;
  const { origin } = config;

  return new Hono().post("/connect/:cloud/make", limitBody, async (c) => {
    const match = oauthCloudFromUrl(c, clouds);
    if (!match?.oauth.createTarget) return respondNotFound(c);
    const { cloud, oauth } = match;
    const { to, ...fields } = await parseFormFields(c);
    const returnPath = sameOriginPath(to, origin) ?? connectPath(cloud);
    const grant = getAccessCookie(c, needs, cloud.id);
    if (!grant) return c.redirect(returnPath, 303);
    try {
      const input = Object.entries(fields).map(([name, value]) => [name.replace(/^make\[(.*)\]$/, "$1"), value]);
      const created = await oauth.createTarget?.({ token: grant.token }, Object.fromEntries(input));
      if (!created?.ok) {
        const [problem] = created?.problems ?? [];
        throw new OperationalError(problem?.message ?? "Nothing was created.", problem?.fix ?? "");
      }
      const url = new URL(returnPath, origin);
      for (const [name, value] of Object.entries(created.value)) url.searchParams.set(`access[${name}]`, value);
      return c.redirect(url.pathname + url.search, 303);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const { message, next: fix } = error;
      const title = `${cloud.name} couldn't create it`;
      const actions = [{ label: "Back", href: returnPath }];
      return c.html(errorPage({ assets, title, message, fix, actions, retryAt: null }), 422);
    }
  });
};
