import type { World } from "../../../src/clouds/gcp/world.ts";
import { type Clock, clock } from "./clock.ts";
import { fakeGcp } from "./gcp.ts";

export const origin = "https://slipway.example";

interface Given {
  time?: Clock;
  /** Milliseconds on the clock for what takes Google a second. */
  pace?: number;
}

/** A Slipway, Google, and a visitor with a project there and a token for it. */
export async function visit({ time = clock(), pace }: Given = {}) {
  const gcp = await fakeGcp({ now: time.now, pace });
  const project = gcp.project();
  const token = gcp.token();
  const world: World = {
    origin,
    endpoint: gcp.endpoint,
    issuer: "https://accounts.google.com",
    client: null,
    fetch: ((input: string, init?: RequestInit) => time.busy(() => gcp.fetch(input, init))) as typeof fetch,
    now: () => new Date(time.now()),
    pause: time.pause,
  };
  return {
    gcp,
    time,
    world,
    project,
    token,
    async end() {
      await gcp.close();
    },
  };
}
export type Visit = Awaited<ReturnType<typeof visit>>;
