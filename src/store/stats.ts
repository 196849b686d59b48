import type { Db } from "../db.ts";
import type { Countable } from "../schema.ts";
import { countsOf } from "./counts.ts";

export type Numbers = Record<Countable, number>;

const nothing = (): Numbers => ({ badge: 0, visit: 0, start: 0, success: 0, failure: 0, removal: 0 });

/** A repository's numbers: by day (newest last, empty days left out), by cloud, and altogether. */
export function statsOf(db: Db, repo: string) {
  const days = new Map<string, Numbers>();
  const clouds = new Map<string, Numbers>();
  const totals = nothing();
  const at = (map: Map<string, Numbers>, key: string) => {
    const numbers = map.get(key) ?? nothing();
    map.set(key, numbers);
    return numbers;
  };
  for (const { day, cloud, what, count } of countsOf(db, repo)) {
    totals[what] += count;
    at(days, day)[what] += count;
    if (cloud) at(clouds, cloud)[what] += count;
  }
  return {
    days: [...days].map(([day, numbers]) => ({ day, ...numbers })),
    clouds: [...clouds].map(([id, numbers]) => ({ id, ...numbers })),
    totals,
  };
}
