import type { Probe } from "../../src/clouds/probe-url.ts";

/** Adapts a fake fetch to the probe of apps. */
export const asProbe =
  (fetch: typeof globalThis.fetch): Probe =>
  (url) =>
    fetch(url).then(
      ({ status }) => ({ ok: true, status }),
      (error: Error) => ({ ok: false, reason: error.cause instanceof Error ? error.cause.message : error.message }),
    );
