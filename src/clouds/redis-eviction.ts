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

/** What Redis does when it is full. Job queues lose jobs under any other policy, so that it takes a word to have one. */
export const maxmemoryPolicy = (wish: unknown): string => policies.find((one) => one === wish) ?? "noeviction";
