import { timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { isLoopback } from "../../src/config.ts";
import type { AppContext } from "../app-context.ts";
import { getSealedCookie, setSealedCookie } from "../http/sealed-cookie.ts";

type OwnerContext = Pick<AppContext, "config" | "seal" | "now">;

const cookie = "deployments";
/** How many deployments a browser's cookie lists; the oldest are dropped. */
const maxListed = 60;
const maxAgeSeconds = 365 * 24 * 3600;

const listed = (c: Context, context: OwnerContext): string[] => {
  const value = getSealedCookie(c, context, cookie);
  return Array.isArray(value) ? value.filter((id) => typeof id === "string") : [];
};

/** Lists a deployment in the cookie of the browser that started it. */
export function rememberOwner(c: Context, context: OwnerContext, id: string): void {
  const ids = [id, ...listed(c, context).filter((other) => other !== id)].slice(0, maxListed);
  setSealedCookie(c, context, cookie, ids, maxAgeSeconds);
}

/** Derives the key with which a program may change the deployment it started. */
export const ownerKey = ({ seal }: OwnerContext, id: string): string => seal.derive(id, "owner key");

const isEqual = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

/**
 * Whether a request may change the deployment: it comes from the browser that started it, or carries its key. Whoever
 * only knows the address may look. On a Slipway for this machine alone, everything belongs to its user.
 */
export function isOwner(c: Context, context: OwnerContext, id: string): boolean {
  if (isLoopback(context.config.origin)) return true;
  const sent = /^Bearer (\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
  return isEqual(sent, ownerKey(context, id)) || listed(c, context).includes(id);
}
