import { isIPv6 } from "node:net";

/** How often one place counts for one repository in an hour; what is more is somebody's loop. */
export const limits = { badge: 600, visit: 30 };

const hour = 60 * 60 * 1000;
const mostPlaces = 100_000;

interface Asking {
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string };
}

interface Needs {
  /** Milliseconds. */
  now: () => number;
  random: (bytes: number) => Uint8Array;
}

/**
 * Says whether something may still be counted. Where it comes from is known for an hour and in memory only, as a hash
 * with a salt that is thrown away with all it was used for.
 */
export function createRateLimiter({ now, random }: Needs) {
  let until = 0;
  let salt = new Uint32Array(2);
  let places = new Map<number, Map<string, typeof limits>>();
  /** Of a connection: its place, or that it is a proxy's. */
  let connections = new WeakMap<object, number>();

  function renew(time: number) {
    until = time + hour;
    salt = new Uint32Array(Uint8Array.from(random(8)).buffer);
    places = new Map();
    connections = new WeakMap();
  }

  function placeOf({ headers, socket }: Asking): number {
    const forwarded = headers["x-forwarded-for"];
    const known = connections.get(socket);
    if (known !== undefined && known !== aProxys) return known;
    const remote = socket.remoteAddress ?? "";
    if (forwarded !== undefined && (known === aProxys || isPrivate(bare(remote)))) {
      if (known === undefined) connections.set(socket, aProxys);
      return hashed(networkOf(lastNamed(forwarded)), salt);
    }
    const place = hashed(networkOf(bare(remote)), salt);
    // A proxy may ask on its own behalf first.
    if (!isPrivate(bare(remote))) connections.set(socket, place);
    return place;
  }

  return function mayCount(what: keyof typeof limits, repo: string, request: Asking): boolean {
    const time = now();
    if (time >= until) renew(time);
    const place = placeOf(request);
    let repos = places.get(place);
    if (!repos) {
      if (places.size >= mostPlaces) places.delete(places.keys().next().value ?? 0);
      repos = new Map();
      places.set(place, repos);
    }
    let counts = repos.get(repo);
    if (!counts) {
      counts = { badge: 0, visit: 0 };
      repos.set(repo, counts);
    }
    if (counts[what] >= limits[what]) return false;
    counts[what]++;
    return true;
  };
}

const aProxys = -1;

/**
 * 30 bits of a text and a salt; that two places share one now and then does no harm. SHA-256 would hide no more, since
 * whoever reads our memory has the salt as well and can try every address, and would cost a badge twenty times as much.
 */
function hashed(text: string, [one = 0, two = 0]: Uint32Array): number {
  let [a, b] = [one, two];
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    a = Math.imul(a ^ letter, 2654435761);
    b = Math.imul(b ^ letter, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  return a >>> 2;
}

/** Where both are heard on one socket, IPv4 comes as IPv6. */
const bare = (address: string) => (address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address);

const isPrivate = (address: string) =>
  /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe80:)/i.test(
    address,
  );

/**
 * Whose request it is. Behind a proxy on this machine or its network it is the last one that the proxies name which is
 * not theirs; what anybody else writes into that header is not believed.
 */
export const clientAddress = (remote: string, forwarded: string | string[] | undefined): string =>
  forwarded !== undefined && isPrivate(bare(remote)) ? lastNamed(forwarded) : bare(remote);

function lastNamed(forwarded: string | string[]): string {
  if (typeof forwarded === "string" && !forwarded.includes(",")) return bare(forwarded.slice(0, 100));
  const named = String(forwarded)
    .slice(-1000)
    .split(",")
    .map((one) => bare(one.trim()));
  return named.findLast((one) => !isPrivate(one)) ?? named.at(-1) ?? "";
}

/** A household has 2^64 addresses of IPv6: the first half of one says where it is. */
function networkOf(address: string): string {
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
