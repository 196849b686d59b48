import type { Context } from "hono";
import type { AppContext } from "../app-context.ts";
import { deleteSealedCookie, getSealedCookie, setSealedCookie } from "../http/sealed-cookie.ts";

/** What a visitor lent a cloud by OAuth: sealed in their own browser, and nowhere else until they order something. */
export interface OAuthGrant {
  token: string;
  /** Who signed in, for the page. */
  who: string;
}

type Needs = Pick<AppContext, "seal" | "now"> & { config: { origin: string } };

const cookie = (cloud: string) => `${cloud}_lent`;
const jar = ({ seal, now, config: { origin } }: Needs) => ({ seal, now, origin });

export const setAccessCookie = (c: Context, needs: Needs, cloud: string, lent: OAuthGrant, seconds: number) =>
  setSealedCookie(c, jar(needs), cookie(cloud), lent, seconds);

/** null: nothing, or no longer. */
export const getAccessCookie = (c: Context, needs: Needs, cloud: string) =>
  getSealedCookie(c, jar(needs), cookie(cloud)) as OAuthGrant | null;

export const deleteAccessCookie = (c: Context, needs: Needs, cloud: string) =>
  deleteSealedCookie(c, jar(needs), cookie(cloud));
