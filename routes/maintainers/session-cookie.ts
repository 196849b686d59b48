import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { idleTimeoutMs, type Session } from "../../src/maintainers/sessions.ts";
import type { AppContext } from "../app-context.ts";

type Needs = Pick<AppContext, "config" | "sessions">;

const name = "slipway_session";

/** Over https, the `__Host-` prefix keeps other subdomains from setting this cookie. */
const cookieOptions = ({ config }: Needs) => {
  const secure = config.origin.startsWith("https:");
  return { path: "/", httpOnly: true, sameSite: "Lax", secure, prefix: secure ? "host" : undefined } as const;
};

/** Returns the session of this browser, extending it when due; null if nobody is signed in. Only for pages that need it. */
export function currentSession(c: Context, needs: Needs): Session | null {
  const { prefix } = cookieOptions(needs);
  const secret = prefix ? getCookie(c, name, prefix) : getCookie(c, name);
  const stored = secret ? needs.sessions.find(secret) : null;
  if (secret && stored?.renewed) setSessionCookie(c, needs, secret);
  return stored?.session ?? null;
}

export const setSessionCookie = (c: Context, needs: Needs, secret: string) =>
  setCookie(c, name, secret, { ...cookieOptions(needs), maxAge: idleTimeoutMs / 1000 });

export const deleteSessionCookie = (c: Context, needs: Needs) => void deleteCookie(c, name, cookieOptions(needs));
