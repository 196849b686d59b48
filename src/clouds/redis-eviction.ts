const policies = [
  "noeviction",
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
];

/** Returns the requested policy for a full Redis if it is valid; else `noeviction`, the only one that loses no queued jobs. */
export const maxmemoryPolicy = (requested: unknown): string =>
  policies.find((policy) => policy === requested) ?? "noeviction";
