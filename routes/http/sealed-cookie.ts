import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Seal } from "../../src/identity/seal.ts";

interface Needs {
  config: { origin: string };
  seal: Pick<Seal, "close" | "open">;
  now: () => Date;
}

/** The time a user has to authorize at the cloud. */
const authorizationSeconds = 600;

const cookieName = (provider: string) => `slipway_${provider}`;
/** Over https, the `__Host-` prefix keeps other subdomains from setting this cookie. */
const prefixOf = (origin: string) => (origin.startsWith("https:") ? "host" : undefined);
/** A cookie that was encrypted for one provider cannot be decrypted for another. */
const sealContext = (provider: string) => `oauth ${provider}`;

/** Sets a cookie whose value only the server can read, such as the state of an OAuth authorization. */
export function setSealedCookie(
  c: Context,
  { config: { origin }, seal, now }: Needs,
  provider: string,
  value: unknown,
  seconds: number = authorizationSeconds,
): void {
  const until = now().getTime() + seconds * 1000;
  setCookie(c, cookieName(provider), seal.close(sealContext(provider), { until, value }), {
    path: "/",
    httpOnly: true,
    // Strict cookies would be missing when another site redirects back.
    sameSite: "Lax",
    secure: origin.startsWith("https:"),
    prefix: prefixOf(origin),
    maxAge: seconds,
  });
}

/** Returns the value of the cookie; null if it is absent, expired or forged. */
export function getSealedCookie(c: Context, { config: { origin }, seal, now }: Needs, provider: string): unknown {
  const prefix = prefixOf(origin);
  const sealed = prefix ? getCookie(c, cookieName(provider), prefix) : getCookie(c, cookieName(provider));
  if (!sealed) return null;
  try {
    const { until, value } = seal.open(sealContext(provider), sealed) as { until: number; value: unknown };
    return now().getTime() < until ? value : null;
  } catch {
    return null;
  }
}

/** Deletes the cookie. */
export function deleteSealedCookie(c: Context, { config: { origin } }: Pick<Needs, "config">, provider: string): void {
  const secure = origin.startsWith("https:");
  deleteCookie(c, cookieName(provider), { path: "/", httpOnly: true, secure, prefix: prefixOf(origin) });
}
