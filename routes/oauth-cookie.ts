import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { Seal } from "../src/seal.ts";

interface Needs {
  origin: string;
  seal: Pick<Seal, "close" | "open">;
  now: () => Date;
}

/** Seconds from pressing the button to the end of somebody's consent. */
const tenMinutes = 600;

const nameOf = (provider: string) => `slipway_${provider}`;
/** What was sealed for one provider cannot be opened for another. */
const sealedFor = (provider: string) => `oauth ${provider}`;

/** Lets this browser keep what only we can read, such as what an OAuth answer is checked against. Seconds: how long. */
export function keep(
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
    maxAge: seconds,
  });
}

/** What this browser was given to keep; null when there is nothing, its time is over, or somebody else made it. */
export function kept(c: Context, { seal, now }: Omit<Needs, "origin">, provider: string): unknown {
  const sealed = getCookie(c, nameOf(provider));
  if (!sealed) return null;
  try {
    const { until, value } = seal.open(sealedFor(provider), sealed) as { until: number; value: unknown };
    return now().getTime() < until ? value : null;
  } catch {
    return null;
  }
}

/** Has this browser forget it. */
export function forget(c: Context, { origin }: Pick<Needs, "origin">, provider: string): void {
  deleteCookie(c, nameOf(provider), { path: "/", httpOnly: true, secure: origin.startsWith("https:") });
}
