import { beforeEach, expect, test } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { responses } from "../../src/data/schema.ts";
import { readResponse, storedResponses, sweepResponses, writeResponse } from "../../src/data/store/http-cache.ts";

const DAY = 24 * 3600 * 1000;
let db: ReturnType<typeof openDb>;
beforeEach(() => {
  db = openDb(":memory:");
});
const response = (url: string, at: number, body = "x") => ({ url, etag: "e", status: 200, body, at: new Date(at) });
const urls = () =>
  db
    .select({ url: responses.url })
    .from(responses)
    .all()
    .map(({ url }) => url)
    .sort();

test("an answer comes back as it was kept; the newest wins", () => {
  writeResponse(db, response("a", 1, "old"));
  writeResponse(db, response("a", 2, "new"));
  expect(readResponse(db, "a")).toEqual(response("a", 2, "new"));
  expect(readResponse(db, "b")).toBeUndefined();
});

test("sweeping takes what is old, then the oldest of what is too much", () => {
  for (const [url, at] of [
    ["a", 1],
    ["b", 10],
    ["c", 20],
    ["d", 30],
  ] as const)
    writeResponse(db, response(url, at, "äääää"));
  sweepResponses(db, new Date(5), 1000);
  expect(urls()).toEqual(["b", "c", "d"]);
  sweepResponses(db, new Date(5), 20);
  expect(urls()).toEqual(["c", "d"]);
});

test("what is used stays, what nobody asks for goes by itself", () => {
  let time = 40 * DAY;
  const kept = storedResponses(db, () => time);
  kept.set(response("used", time));
  kept.set(response("unused", time));
  for (let day = 0; day < 31; day++) {
    time += DAY + 1;
    kept.get("used");
  }
  for (let at = 0; at < 200; at++) kept.set(response("other", time));
  expect(urls()).toEqual(["other", "used"]);
});

test("reading writes at most once a day", () => {
  let time = DAY;
  const kept = storedResponses(db, () => time);
  kept.set(response("a", time));
  time += DAY;
  kept.get("a");
  expect(readResponse(db, "a")?.at.getTime()).toBe(DAY);
  time += 1;
  kept.get("a");
  expect(readResponse(db, "a")?.at.getTime()).toBe(time);
});
