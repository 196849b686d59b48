import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";

const name = "slipway_visitor";
const letters = "abcdefghijklmnopqrstuvwxyz234567";
const wellFormed = /^[a-z2-7]{26}$/;
const year = 365 * 24 * 60 * 60;

/** Returns the secret key of this browser, from which clouds learn whose access is whose; null when it has none. */
export function getVisitorKey(c: Context): string | null {
  const key = getCookie(c, name) ?? "";
  return wellFormed.test(key) ? key : null;
}

/** As above; creates a key when the browser has none. The server stores nothing about it. */
export function getOrCreateVisitorKey(
  c: Context,
  { origin, random }: { origin: string; random: (bytes: number) => Uint8Array },
) {
  const existing = getVisitorKey(c);
  if (existing) return existing;
  const key = Array.from(random(26), (byte) => letters[byte & 31]).join("");
  const secure = origin.startsWith("https:");
  setCookie(c, name, key, { path: "/", httpOnly: true, sameSite: "Lax", secure, maxAge: year });
  return key;
}
