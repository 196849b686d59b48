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
/** Bytes of bodies, in all and for one repository. */
const MAX_BYTES = 200_000_000;
const MAX_REPOSITORY_BYTES = 20_000_000;
/** A sweep is due after this many writes or bytes. */
const SWEEP_EVERY = { writes: 200, bytes: 20_000_000 };
/** Pages given back to the disk by one sweep: at most some 40 MB, so that it does not hold the process up. */
const VACUUM_PAGES = 10_000;

/** Creates the cache in the database. It sweeps itself every few writes to stay within its budget. `now` in ms. */
export function storedResponses(db: Db, now: () => number): ResponseCache {
  let writes = 0;
  let bytes = 0;
  return {
    get(url) {
      const response = readResponse(db, url);
      // Keeps entries in use, for one write a day.
      if (response && now() - response.at.getTime() > DAY) writeResponse(db, { ...response, at: new Date(now()) });
      return response;
    },
    set(response) {
      writeResponse(db, response);
      bytes += response.body.length;
      const scope = /^.*\/repos\/[^/?]+\/[^/?]+(?=[/?]|$)/.exec(response.url)?.[0];
      if (scope && response.body.length > MAX_REPOSITORY_BYTES / 100) limitScope(db, scope, MAX_REPOSITORY_BYTES);
      if (writes++ % SWEEP_EVERY.writes !== 0 && bytes < SWEEP_EVERY.bytes) return;
      bytes = 0;
      sweepResponses(db, new Date(now() - MAX_AGE), MAX_BYTES);
      db.$client.pragma(`incremental_vacuum(${VACUUM_PAGES})`);
    },
  };
}

export const readResponse = (db: Db, url: string): CachedResponse | undefined =>
  db.select().from(responses).where(eq(responses.url, url)).get();

export const writeResponse = (db: Db, response: CachedResponse): void => {
  db.insert(responses).values(response).onConflictDoUpdate({ target: responses.url, set: response }).run();
};

/** Deletes the oldest responses whose URL begins with `scope` until their bodies have at most `maxBytes`. */
export function limitScope(db: Db, scope: string, maxBytes: number): void {
  // “0” is the character after “/”; the range uses the primary key.
  const totals = sql`select url, sum(octet_length(body)) over (order by at desc, url) as total from ${responses}
    where url = ${scope} or (url > ${`${scope}/`} and url < ${`${scope}0`})`;
  db.run(sql`delete from ${responses} where url in (select url from (${totals}) where total > ${maxBytes})`);
}

/** Deletes responses last used before `oldest`, then the oldest until the bodies have at most `maxBytes`. */
export function sweepResponses(db: Db, oldest: Date, maxBytes: number): void {
  db.delete(responses).where(lt(responses.at, oldest)).run();
  const totals = sql`select url, sum(octet_length(body)) over (order by at desc, url) as total from ${responses}`;
  db.run(sql`delete from ${responses} where url in (select url from (${totals}) where total > ${maxBytes})`);
}
