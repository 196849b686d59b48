import type { Db } from "../db.ts";
import { eq, lt, sql } from "../drizzle.ts";
import { responses } from "../schema.ts";

export type Stored = typeof responses.$inferSelect;

/** What was answered before, by URL. */
export interface Responses {
  get(url: string): Stored | undefined;
  set(stored: Stored): void;
}

const DAY = 24 * 3600 * 1000;
const OLDEST = 30 * DAY;
const MOST_BYTES = 200_000_000;
const SWEEP_EVERY = 200;

/** The answers kept in the database; sweeps itself now and then, so that they never grow without end. `now` in ms. */
export function storedResponses(db: Db, now: () => number): Responses {
  let written = 0;
  return {
    get(url) {
      const stored = readResponse(db, url);
      // What is used stays, at the price of one write a day.
      if (stored && now() - stored.at.getTime() > DAY) writeResponse(db, { ...stored, at: new Date(now()) });
      return stored;
    },
    set(stored) {
      writeResponse(db, stored);
      if (written++ % SWEEP_EVERY === 0) sweepResponses(db, new Date(now() - OLDEST), MOST_BYTES);
    },
  };
}

export const readResponse = (db: Db, url: string): Stored | undefined =>
  db.select().from(responses).where(eq(responses.url, url)).get();

export const writeResponse = (db: Db, stored: Stored): void => {
  db.insert(responses).values(stored).onConflictDoUpdate({ target: responses.url, set: stored }).run();
};

/** Forgets what was last used before `oldest`, then the oldest until the bodies have at most `bytes`. */
export function sweepResponses(db: Db, oldest: Date, bytes: number): void {
  db.delete(responses).where(lt(responses.at, oldest)).run();
  const running = sql`select url, sum(octet_length(body)) over (order by at desc, url) as total from ${responses}`;
  db.run(sql`delete from ${responses} where url in (select url from (${running}) where total > ${bytes})`);
}
