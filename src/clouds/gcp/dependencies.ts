import type { Probe } from "../probe-url.ts";

/** The operator's settings, and time and network as arguments. */
export interface Dependencies {
  /** Slipway's own origin. */
  origin: string;
  /**
   * Replaces Google's APIs in tests: `https://run.googleapis.com/v2/...` becomes `<endpoint>/run.googleapis.com/v2/...`.
   */
  endpoint: string | undefined;
  /** The OIDC issuer: https://accounts.google.com. */
  issuer: string;
  /** Our OAuth client; null: visitors can only run the script themselves. */
  client: { id: string; secret: string } | null;
  /** For Google's APIs; apps are probed with `probe`. */
  fetch: typeof fetch;
  probe: Probe;
  now(): Date;
  /** Rejects with the signal's reason if it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
