import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { idleTimeoutMs, type Session } from "../../src/maintainers/sessions.ts";
import type { AppContext } from "../app-context.ts";

type Needs = Pick<AppContext, "config" | "sessions">;

const name = "slipway_session";

/** Over https no other site of the same domain can put a cookie of this kind into the browser. */
const options = ({ config }: Needs) => {
  const secure = config.origin.startsWith("https:");
  return { path: "/", httpOnly: true, sameSite: "Lax", secure, prefix: secure ? "host" : undefined } as const;
};

/** Who is signed in. Ask it on pages for maintainers only: visitors and badges have no session. */
export function currentSession(c: Context, needs: Needs): Session | null {
  const { prefix } = options(needs);
  const secret = prefix ? getCookie(c, name, prefix) : getCookie(c, name);
  const found = secret ? needs.sessions.find(secret) : null;
  if (secret && found?.renewed) setSessionCookie(c, needs, secret);
  return found?.session ?? null;
}

export const setSessionCookie = (c: Context, needs: Needs, secret: string) =>
  setCookie(c, name, secret, { ...options(needs), maxAge: idleTimeoutMs / 1000 });

export const deleteSessionCookie = (c: Context, needs: Needs) => void deleteCookie(c, name, options(needs));
