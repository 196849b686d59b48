import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Seal } from "../../src/identity/seal.ts";

interface Needs {
  origin: string;
  seal: Pick<Seal, "close" | "open">;
  now: () => Date;
}

/** Seconds from pressing the button to the end of somebody's consent. */
const tenMinutes = 600;

const nameOf = (provider: string) => `slipway_${provider}`;
/** Over https no other site of the same domain can put its own consent, or what it lends, into the browser. */
const prefixOf = (origin: string) => (origin.startsWith("https:") ? "host" : undefined);
/** What was sealed for one provider cannot be opened for another. */
const sealedFor = (provider: string) => `oauth ${provider}`;

/** Lets this browser keep what only we can read, such as what an OAuth answer is checked against. Seconds: how long. */
export function setSealedCookie(
  c: Context,
  { origin, seal, now }: Needs,
  provider: string,
  value: unknown,
  seconds: number = tenMinutes,
): void {
  const until = now().getTime() + seconds * 1000;
  setCookie(c, nameOf(provider), seal.close(sealedFor(provider), { until, value }), {
    path: "/",
    httpOnly: true,
    // It comes back from another site, by a link that is followed at the top.
    sameSite: "Lax",
    secure: origin.startsWith("https:"),
    prefix: prefixOf(origin),
    maxAge: seconds,
  });
}

/** What this browser was given to keep; null when there is nothing, its time is over, or somebody else made it. */
export function getSealedCookie(c: Context, { origin, seal, now }: Needs, provider: string): unknown {
  const prefix = prefixOf(origin);
  const sealed = prefix ? getCookie(c, nameOf(provider), prefix) : getCookie(c, nameOf(provider));
  if (!sealed) return null;
  try {
    const { until, value } = seal.open(sealedFor(provider), sealed) as { until: number; value: unknown };
    return now().getTime() < until ? value : null;
  } catch {
    return null;
  }
}

/** Has this browser forget it. */
export function deleteSealedCookie(c: Context, { origin }: Pick<Needs, "origin">, provider: string): void {
  const secure = origin.startsWith("https:");
  deleteCookie(c, nameOf(provider), { path: "/", httpOnly: true, secure, prefix: prefixOf(origin) });
}
