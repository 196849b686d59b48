import type { Db } from "../db.ts";
import { eq, lt, sql } from "../drizzle.ts";
import { responses } from "../schema.ts";

export type CachedResponse = typeof responses.$inferSelect;

/** Cached responses by URL. */
export interface ResponseCache {
  get(url: string): CachedResponse | undefined;
  set(response: CachedResponse): void;
}

const DAY = 24 * 3600 * 1000;
const MAX_AGE = 30 * DAY;
const MAX_BYTES = 200_000_000;
const SWEEP_EVERY = 200;

/** Creates the cache in the database. It sweeps itself every few writes to stay within its budget. `now` in ms. */
export function storedResponses(db: Db, now: () => number): ResponseCache {
  let writes = 0;
  return {
    get(url) {
      const response = readResponse(db, url);
      // Keeps entries in use, for one write a day.
      if (response && now() - response.at.getTime() > DAY) writeResponse(db, { ...response, at: new Date(now()) });
      return response;
    },
    set(response) {
      writeResponse(db, response);
      if (writes++ % SWEEP_EVERY === 0) sweepResponses(db, new Date(now() - MAX_AGE), MAX_BYTES);
    },
  };
}

export const readResponse = (db: Db, url: string): CachedResponse | undefined =>
  db.select().from(responses).where(eq(responses.url, url)).get();

export const writeResponse = (db: Db, response: CachedResponse): void => {
  db.insert(responses).values(response).onConflictDoUpdate({ target: responses.url, set: response }).run();
};

/** Deletes responses last used before `oldest`, then the oldest until the bodies have at most `maxBytes`. */
export function sweepResponses(db: Db, oldest: Date, maxBytes: number): void {
  db.delete(responses).where(lt(responses.at, oldest)).run();
  const totals = sql`select url, sum(octet_length(body)) over (order by at desc, url) as total from ${responses}`;
  db.run(sql`delete from ${responses} where url in (select url from (${totals}) where total > ${maxBytes})`);
}
