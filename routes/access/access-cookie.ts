import type { Context } from "hono";
import type { AppContext } from "../app-context.ts";
import { deleteSealedCookie, getSealedCookie, setSealedCookie } from "../http/sealed-cookie.ts";

/** The visitor's OAuth access token, encrypted in their own cookie and stored nowhere else until they start a deployment. */
export interface OAuthGrant {
  token: string;
  /** The account that was connected, for the page. */
  account: string;
}

/** The spelling in the cookies that browsers keep. */
interface StoredGrant {
  token: string;
  who: string;
}

type Needs = Pick<AppContext, "seal" | "now"> & { config: { origin: string } };

const cookieName = (cloud: string) => `${cloud}_lent`;

export function setAccessCookie(c: Context, needs: Needs, cloud: string, grant: OAuthGrant, seconds: number): void {
  const stored: StoredGrant = { token: grant.token, who: grant.account };
  setSealedCookie(c, needs, cookieName(cloud), stored, seconds);
}

/** Returns the grant in this browser; null if there is none or it has expired. */
export function getAccessCookie(c: Context, needs: Needs, cloud: string): OAuthGrant | null {
  const stored = getSealedCookie(c, needs, cookieName(cloud)) as StoredGrant | null;
  return stored && { token: stored.token, account: stored.who };
}

export const deleteAccessCookie = (c: Context, needs: Needs, cloud: string) =>
  deleteSealedCookie(c, needs, cookieName(cloud));
