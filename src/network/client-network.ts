import { isIPv6 } from "node:net";

/** The parts of Node's request that tell where it comes from. */
export interface IncomingRequest {
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string };
}

/** Unwraps IPv4-mapped IPv6 addresses, as a dual-stack socket reports them. */
export const normalizeAddress = (address: string) =>
  address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;

/** Whether an address belongs to this machine or its network, where a reverse proxy may run. */
export const isPrivate = (address: string) =>
  /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe80:)/i.test(
    address,
  );

/**
 * Returns the client's address. Behind a proxy on this machine or its network, it is the last public address in
 * `X-Forwarded-For`; from any other peer the header is not trusted.
 */
export const clientAddress = (remote: string, forwarded: string | string[] | undefined): string =>
  forwarded !== undefined && isPrivate(normalizeAddress(remote))
    ? lastPublicAddress(forwarded)
    : normalizeAddress(remote);

/** Returns the last address of `X-Forwarded-For` that is not a proxy's. */
export function lastPublicAddress(forwarded: string | string[]): string {
  if (typeof forwarded === "string" && !forwarded.includes(",")) return normalizeAddress(forwarded.slice(0, 100));
  const addresses = String(forwarded)
    .slice(-1000)
    .split(",")
    .map((address) => normalizeAddress(address.trim()));
  return addresses.findLast((address) => !isPrivate(address)) ?? addresses.at(-1) ?? "";
}

/** Reduces an IPv6 address to its /64 network, which is what one household has. */
export function networkOf(address: string): string {
  if (!address.includes(":") || !isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  const rest = tail === undefined ? [] : tail.split(":");
  const all =
    tail === undefined
      ? groups
      : [...groups, ...Array(Math.max(0, 8 - groups.length - rest.length)).fill("0"), ...rest];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}

/** Returns the client's network, the unit of limits per place; empty if the request came over no socket. */
export const clientNetwork = (request: IncomingRequest | undefined): string =>
  request ? networkOf(clientAddress(request.socket.remoteAddress ?? "", request.headers["x-forwarded-for"])) : "";

export const isLoopback = (network: string) => network.startsWith("127.") || network === "::1" || network === "0:0:0:0";
