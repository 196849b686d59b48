import type { Context } from "hono";
import type { Cloud, OAuthAccess, OperationalError } from "../../src/clouds/cloud.ts";
import type { PendingAuthorization } from "../../src/identity/oauth-client.ts";
import { errorPage } from "../../views/error-page.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { wantsJson } from "../http/respond.ts";

export type Needs = Pick<AppContext, "clouds" | "seal" | "random" | "now" | "fetch"> & { config: { origin: string } };

/** The content of the cookie that lasts from leaving for the cloud until the callback. */
export interface AuthorizationCookie {
  kept: PendingAuthorization;
  to: string;
}

export const authorizationCookieName = (cloud: string) => `${cloud}_asked`;

/** Returns the cloud of this URL with its OAuth access; null if it has none. */
export function oauthCloudFromUrl(c: Context, clouds: Cloud[]): { cloud: Cloud; oauth: OAuthAccess } | null {
  const cloud = clouds.find(({ id }) => id === c.req.param("cloud"));
  return cloud?.connect.consent ? { cloud, oauth: cloud.connect.consent } : null;
}

export const oauthProvider = ({ id }: Cloud, oauth: OAuthAccess, origin: string) => ({
  ...oauth,
  redirectUri: `${origin}/connect/${id}/callback`,
});

/** The cloud's connect page, for visitors who came from no page of this site. */
export const connectPath = ({ id }: Cloud) => `/connect/${id}`;

/** Responds that the cloud is not connected, with a link to the page at `returnPath`. */
export function respondNotConnected(
  c: Context,
  { id, name }: Cloud,
  { message, next }: OperationalError,
  returnPath: string,
  status: 422 | 502,
) {
  if (wantsJson(c))
    return c.json({ problems: [{ file: "", line: null, column: null, path: "", message, fix: next }] }, status);
  const actions = [
    { label: "Try again", href: `/connect/${id}?${new URLSearchParams({ to: returnPath })}` },
    { label: "Back", href: returnPath },
  ];
  return c.html(
    errorPage({ assets, title: `${name} is not connected`, message, fix: next, actions, retryAt: null }),
    status,
  );
}
