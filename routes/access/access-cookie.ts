import type { Context } from "hono";
import type { Slipway } from "../app-context.ts";
import { forget, keep, kept } from "../http/sealed-cookie.ts";

/** What a visitor lent a cloud by OAuth: sealed in their own browser, and nowhere else until they order something. */
export interface Lent {
  token: string;
  /** Who signed in, for the page. */
  who: string;
}

type Needs = Pick<Slipway, "seal" | "now"> & { config: { origin: string } };

const cookie = (cloud: string) => `${cloud}_lent`;
const jar = ({ seal, now, config: { origin } }: Needs) => ({ seal, now, origin });

export const lendHere = (c: Context, needs: Needs, cloud: string, lent: Lent, seconds: number) =>
  keep(c, jar(needs), cookie(cloud), lent, seconds);

/** null: nothing, or no longer. */
export const lentHere = (c: Context, needs: Needs, cloud: string) => kept(c, jar(needs), cookie(cloud)) as Lent | null;

export const forgetLent = (c: Context, needs: Needs, cloud: string) => forget(c, jar(needs), cookie(cloud));
