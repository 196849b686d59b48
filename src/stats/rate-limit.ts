import {
  type IncomingRequest,
  isPrivate,
  lastPublicAddress,
  networkOf,
  normalizeAddress,
} from "../network/client-network.ts";

/** Counted requests per hour, client network and repository; more than that is an automated loop. */
export const limits = { badge: 600, visit: 30 };

const hour = 60 * 60 * 1000;
const maxPlaces = 100_000;

interface RateLimiterDependencies {
  /** Milliseconds. */
  now: () => number;
  random: (bytes: number) => Uint8Array;
}

/**
 * Creates a function that returns whether a request may still be counted. Client networks are kept for at most an hour,
 * in memory, as hashes with a salt that is discarded with them.
 */
export function createRateLimiter({ now, random }: RateLimiterDependencies) {
  let until = 0;
  let salt = new Uint32Array(2);
  let places = new Map<number, Map<string, typeof limits>>();
  /** Caches, per connection, the client's hash or `proxyMarker`. */
  let connections = new WeakMap<object, number>();

  function rotateSalt(timestamp: number) {
    until = timestamp + hour;
    salt = new Uint32Array(Uint8Array.from(random(8)).buffer);
    places = new Map();
    connections = new WeakMap();
  }

  function placeOf({ headers, socket }: IncomingRequest): number {
    const forwarded = headers["x-forwarded-for"];
    const cached = connections.get(socket);
    if (cached !== undefined && cached !== proxyMarker) return cached;
    const remote = socket.remoteAddress ?? "";
    if (forwarded !== undefined && (cached === proxyMarker || isPrivate(normalizeAddress(remote)))) {
      if (cached === undefined) connections.set(socket, proxyMarker);
      return hash(networkOf(lastPublicAddress(forwarded)), salt);
    }
    const place = hash(networkOf(normalizeAddress(remote)), salt);
    // A proxy may send a request of its own before it forwards any, so a private address is not cached.
    if (!isPrivate(normalizeAddress(remote))) connections.set(socket, place);
    return place;
  }

  return function mayCount(kind: keyof typeof limits, repo: string, request: IncomingRequest): boolean {
    const timestamp = now();
    if (timestamp >= until) rotateSalt(timestamp);
    const place = placeOf(request);
    let repos = places.get(place);
    if (!repos) {
      if (places.size >= maxPlaces) places.delete(places.keys().next().value ?? 0);
      repos = new Map();
      places.set(place, repos);
    }
    let counts = repos.get(repo);
    if (!counts) {
      counts = { badge: 0, visit: 0 };
      repos.set(repo, counts);
    }
    if (counts[kind] >= limits[kind]) return false;
    counts[kind]++;
    return true;
  };
}

const proxyMarker = -1;

/**
 * Returns a 30-bit salted hash; rare collisions are harmless. SHA-256 would hide no more, since anyone who can read our
 * memory also has the salt and can try every address, and would cost a badge twenty times as much.
 */
function hash(text: string, [saltA = 0, saltB = 0]: Uint32Array): number {
  let [a, b] = [saltA, saltB];
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    a = Math.imul(a ^ letter, 2654435761);
    b = Math.imul(b ^ letter, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  return a >>> 2;
}
