import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { visitorKey } from "../../src/clouds/aws/access/connect.ts";

const name = "slipway_visitor";
const letters = "abcdefghijklmnopqrstuvwxyz234567";
const year = 365 * 24 * 60 * 60;

/** The key in this visitor's browser, by which a role that they lend us knows them; null when there is none. */
export function getVisitorKey(c: Context): string | null {
  const key = getCookie(c, name) ?? "";
  return visitorKey.test(key) ? key : null;
}

/** As above, made and given to the browser when there is none. Nothing about it is written down here. */
export function getOrCreateVisitorKey(
  c: Context,
  { origin, random }: { origin: string; random: (bytes: number) => Uint8Array },
) {
  const known = getVisitorKey(c);
  if (known) return known;
  const key = Array.from(random(26), (byte) => letters[byte & 31]).join("");
  const secure = origin.startsWith("https:");
  setCookie(c, name, key, { path: "/", httpOnly: true, sameSite: "Lax", secure, maxAge: year });
  return key;
}
