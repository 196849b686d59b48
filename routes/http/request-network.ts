import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import { clientNetwork } from "../../src/network/client-network.ts";

/** Returns the network that a request comes from; empty if the app was called without a server. */
export const requestNetwork = (c: Context): string =>
  clientNetwork((c.env as { incoming?: IncomingMessage } | undefined)?.incoming);
