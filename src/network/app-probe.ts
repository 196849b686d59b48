import type { Probe } from "../clouds/probe-url.ts";
import { type GuardedFetchOptions, guardedFetch } from "./guarded-fetch.ts";

/** Creates the probe of apps in visitors' accounts: public addresses only, over http too. */
export function createAppProbe(options: Pick<GuardedFetchOptions, "resolve" | "viaProxy">): Probe {
  const fetch = guardedFetch({ ...options, reach: "public", allowHttp: true });
  return (url) => fetch({ url, method: "GET", headers: { "user-agent": "Slipway (does the app respond?)" } });
}
