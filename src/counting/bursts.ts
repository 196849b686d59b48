import { hash } from "node:crypto";
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
export function bursts({ now, random }: Needs) {
  let until = 0;
  let salt = "";
  let places = new Map<string, Map<string, number>>();
  let hashes = new WeakMap<object, string>();

  function renew(time: number) {
    until = time + hour;
    salt = Buffer.from(random(32)).toString("base64");
    places = new Map();
    hashes = new WeakMap();
  }

  function placeOf({ headers, socket }: Asking): string {
    const forwarded = headers["x-forwarded-for"];
    const known = forwarded === undefined ? hashes.get(socket) : undefined;
    if (known) return known;
    const place = hash("sha256", salt + networkOf(addressOf(socket.remoteAddress ?? "", forwarded)), "base64").slice(
      0,
      16,
    );
    if (forwarded === undefined) hashes.set(socket, place);
    return place;
  }

  return function mayCount(what: keyof typeof limits, repo: string, request: Asking): boolean {
    const time = now();
    if (time >= until) renew(time);
    const place = placeOf(request);
    let counts = places.get(place);
    if (!counts) {
      if (places.size >= mostPlaces) places.delete(places.keys().next().value ?? "");
      counts = new Map();
      places.set(place, counts);
    }
    const key = what === "badge" ? repo : `${what} ${repo}`;
    const count = (counts.get(key) ?? 0) + 1;
    if (count > limits[what]) return false;
    counts.set(key, count);
    return true;
  };
}

const isPrivate = (address: string) =>
  /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe80:)/i.test(
    address,
  );

/**
 * Whose request it is. Behind a proxy on this machine or its network it is the last one that the proxies name which is
 * not theirs; what anybody else writes into that header is not believed.
 */
export function addressOf(remote: string, forwarded: string | string[] | undefined): string {
  const peer = remote.replace(/^::ffff:/i, "");
  if (forwarded === undefined || !isPrivate(peer)) return peer;
  const named = String(forwarded)
    .slice(-1000)
    .split(",")
    .map((one) => one.trim().replace(/^::ffff:/i, ""));
  return named.findLast((one) => !isPrivate(one)) ?? named.at(-1) ?? peer;
}

/** A household has 2^64 addresses of IPv6: the first half of one says where it is. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
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
