import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";

const name = "slipway_visitor";
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
const keyPattern = /^[a-z2-7]{26}$/;
const yearSeconds = 365 * 24 * 60 * 60;

/** Returns the secret key of this browser, from which a cloud tells one visitor's access from another's; null if absent. */
export function getVisitorKey(c: Context): string | null {
  const key = getCookie(c, name) ?? "";
  return keyPattern.test(key) ? key : null;
}

/** Returns the secret key of this browser, creating it if absent. The server does not store it. */
export function getOrCreateVisitorKey(
  c: Context,
  { origin, random }: { origin: string; random: (bytes: number) => Uint8Array },
) {
  const existing = getVisitorKey(c);
  if (existing) return existing;
  const key = Array.from(random(26), (byte) => alphabet[byte & 31]).join("");
  const secure = origin.startsWith("https:");
  setCookie(c, name, key, { path: "/", httpOnly: true, sameSite: "Lax", secure, maxAge: yearSeconds });
  return key;
}
