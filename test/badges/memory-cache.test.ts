import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { badgeFor } from "../../badges/index.ts";
import { createBadgeMemory } from "../../badges/memory-cache.ts";

const badge = (body: string) => ({ body, etag: `"${body.slice(0, 60)}"`, cacheControl: "public, max-age=60" });
const drawn = (query: string) => badgeFor(new URLSearchParams(query), { kind: "ready", installs: 1 });

describe("the badge cache", () => {
  test("returns what was stored, and nothing else", () => {
    const memory = createBadgeMemory(1e6);
    memory.put("/a", badge("A"), 1);
    memory.put("/a", badge("B"), 2);
    expect(memory.get("/a")).toMatchObject({ badge: badge("B"), at: 2 });
    expect(memory.get("/b")).toBeUndefined();
    expect(memory.size()).toMatchObject({ urls: 1, images: 1 });
  });

  test("stores one image for all URLs with the same badge", () => {
    const memory = createBadgeMemory(1e7);
    for (let i = 0; i < 1000; i++) memory.put(`/github.com/o/r${i}/badge.svg`, drawn(""), 0);
    expect(memory.size()).toMatchObject({ urls: 1000, images: 1 });
    const [first, other] = [memory.get("/github.com/o/r1/badge.svg"), memory.get("/github.com/o/r2/badge.svg")];
    expect(first?.badge.body).toBe(other?.badge.body);
  });

  test.each(["", "style=flat"])("has room for 20,000 different badges (%s)", (query) => {
    const memory = createBadgeMemory(56e6);
    const image = drawn(query).body;
    for (let i = 0; i < 20_000; i++)
      memory.put(`/github.com/owner/repository-${i}/badge.svg?${query}`, badge(`${i}${image}`), 0);
    expect(memory.size()).toMatchObject({ urls: 20_000, images: 20_000 });
  });

  test("never exceeds its limit", () => {
    const step = fc.record({
      url: fc.integer({ min: 0, max: 60 }).map((n) => `/${n}`),
      body: fc.integer({ min: 0, max: 9 }).map((n) => `${n}`.padEnd(n * 200 + 1, "x")),
      get: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const memory = createBadgeMemory(12_000);
        const last = new Map<string, string>();
        for (const { url, body, get } of steps) {
          if (get) {
            const found = memory.get(url)?.badge.body;
            if (found !== undefined) expect(found).toBe(last.get(url));
          } else {
            memory.put(url, badge(body), 0);
            last.set(url, body);
          }
          expect(memory.size().bytes).toBeLessThanOrEqual(12_000);
        }
      }),
    );
  });

  test("is empty to the byte when everything was pushed out by one that is as large as it", () => {
    const memory = createBadgeMemory(5000);
    for (let i = 0; i < 5; i++) memory.put(`/${i}`, badge(`${i}`), 0);
    memory.put("/huge", badge("x".repeat(6000)), 0);
    expect(memory.size()).toEqual({ urls: 5, images: 5, bytes: 5 * (2 * 2 + 340 + 1 + 300) });
  });

  test("a burst of made-up URLs does not evict requested entries, even if each comes twice", () => {
    const memory = createBadgeMemory(1e6);
    const cachedPaths = Array.from({ length: 200 }, (_, i) => `/known/${i}`);
    for (const url of cachedPaths) memory.put(url, badge(url), 0);
    for (let i = 0; i < 100_000; i++) {
      const url = `/made-up/${i}`;
      memory.put(url, badge(url), 0);
      if (i % 2) memory.get(url);
      if (i % 500 === 0) for (const url of cachedPaths) memory.get(url);
    }
    expect(cachedPaths.filter((url) => !memory.get(url))).toEqual([]);
  });

  test("unrequested entries survive a burst of URLs that come once", () => {
    const memory = createBadgeMemory(1e6);
    const cachedPaths = Array.from({ length: 1000 }, (_, i) => `/known/${i}`);
    for (const url of cachedPaths) memory.put(url, badge(url), 0);
    for (let i = 0; i < 100_000; i++) memory.put(`/made-up/${i}`, badge(`made up ${i}`), 0);
    expect(cachedPaths.filter((url) => !memory.get(url))).toEqual([]);
  });

  test("a new entry that is requested again is promoted, even in a full cache", () => {
    const memory = createBadgeMemory(1e6);
    for (let i = 0; i < 10_000; i++) memory.put(`/made-up/${i}`, badge(`${i}`), 0);
    memory.put("/real", badge("real"), 0);
    expect(memory.get("/real")).toBeDefined();
    for (let i = 0; i < 10_000; i++) memory.put(`/more/${i}`, badge(`more ${i}`), 0);
    expect(memory.get("/real")).toBeDefined();
  });
});

test("the heap it holds is what it counts, give or take a sixth", () => {
  const script = fileURLToPath(new URL("./fill-memory.ts", import.meta.url));
  const output = execFileSync(process.execPath, ["--expose-gc", script], { encoding: "utf8" });
  const { heap, counted } = JSON.parse(output) as { heap: number; counted: number };
  expect(counted).toBeGreaterThan(19e6);
  expect(heap).toBeLessThan((20e6 * 7) / 6);
});
