import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { createVisitCounter } from "../../src/stats/visit-counter.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("counts that cannot be written are logged, kept, and written later", () => {
  const db = openDb(":memory:");
  const logged: unknown[] = [];
  const counter = createVisitCounter(db, {
    now: () => new Date("2026-11-22T12:00:00Z"),
    random: (n) => new Uint8Array(n),
    origin: "https://slipway.example",
    log: (_, error) => logged.push(error),
  });
  const request = { headers: { "user-agent": "github-camo (1)" }, socket: { remoteAddress: "192.0.2.1" } };
  db.$client.exec("CREATE TRIGGER full BEFORE INSERT ON counts BEGIN SELECT RAISE(ABORT, 'the disk is full'); END");
  counter.badge("github.com/o/r", request);
  vi.advanceTimersByTime(2500);
  expect(logged).toHaveLength(2);
  db.$client.exec("DROP TRIGGER full");
  counter.badge("github.com/o/r", request);
  vi.advanceTimersByTime(1000);
  expect(logged).toHaveLength(2);
  const written = db.$client.prepare("SELECT what, count FROM counts ORDER BY what").all();
  expect(written).toEqual([
    { what: "badge", count: 2 },
    { what: "proxy", count: 2 },
  ]);
  counter.stop();
});

test("badges on our own pages are neither counted nor counted as ignored", () => {
  const db = openDb(":memory:");
  const counter = createVisitCounter(db, {
    now: () => new Date("2026-11-22T12:00:00Z"),
    random: (n) => new Uint8Array(n),
    origin: "https://slipway.example",
    log: () => {},
  });
  const from = (site?: string) => ({
    headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101", "sec-fetch-site": site },
    socket: { remoteAddress: "192.0.2.1" },
  });
  for (const site of ["same-origin", "same-origin", "cross-site", undefined])
    counter.badge("github.com/o/r", from(site));
  counter.stop();
  expect(db.$client.prepare("SELECT what, count FROM counts").all()).toEqual([{ what: "badge", count: 2 }]);
});
