import type { Db } from "./db.ts";
import { counter } from "./store/counts.ts";

/** Counts what is too frequent to write one by one: in memory, and to the database in one transaction a second. */
export function visits(db: Db, now: () => Date) {
  const waiting = new Map<"badge" | "visit", Map<string, number>>([
    ["badge", new Map()],
    ["visit", new Map()],
  ]);
  const add = counter(db);
  const counting = (what: "badge" | "visit") => {
    const counts = waiting.get(what) as Map<string, number>;
    return (repo: string) => {
      counts.set(repo, (counts.get(repo) ?? 0) + 1);
    };
  };
  const flush = () => {
    if (waiting.values().every((counts) => counts.size === 0)) return;
    const at = now();
    db.transaction(() => {
      for (const [what, counts] of waiting) for (const [repo, by] of counts) add({ repo, what }, at, by);
    });
    for (const counts of waiting.values()) counts.clear();
  };
  const timer = setInterval(flush, 1000).unref();
  return {
    badge: counting("badge"),
    visit: counting("visit"),
    flush,
    stop() {
      clearInterval(timer);
      flush();
    },
  };
}
