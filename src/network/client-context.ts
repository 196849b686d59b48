import { AsyncLocalStorage } from "node:async_hooks";
import { clientNetwork, type IncomingRequest, isLoopback } from "./client-network.ts";

// Follows a request through everything it waits for, so that a limit deep below knows which network it serves.
const storage = new AsyncLocalStorage<IncomingRequest>();

/** Runs the handling of a request for its client. */
export const runForClient = <T>(request: IncomingRequest, handle: () => T): T => storage.run(request, handle);

/** Returns the network of the client being served; undefined in background work and for this machine's own requests. */
export function servedNetwork(): string | undefined {
  const request = storage.getStore();
  const network = request && clientNetwork(request);
  return network && !isLoopback(network) ? network : undefined;
}
