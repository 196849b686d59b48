import { createClient } from "redis";

const name = "entries";

/** A connection to Redis of its own: one that waits for work can do nothing else meanwhile. */
export async function openQueue() {
  const client = createClient({ url: process.env.REDIS_URL });
  client.on("error", (error) => console.error("Redis:", error.message));
  await client.connect();
  return {
    put: (id) => client.rPush(name, String(id)),
    /** The next id; null when there was none for some seconds. */
    take: async (seconds) => (await client.blPop(name, seconds))?.element ?? null,
    waiting: () => client.lLen(name),
    close: () => client.close(),
  };
}
