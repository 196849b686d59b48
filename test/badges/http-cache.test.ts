import { expect, test } from "vitest";
import { cacheControl, etagOf } from "../../badges/http-cache.ts";
import { type BadgeState, badgeFor } from "../../badges/index.ts";

const kinds = ["ready", "unsure", "lapsed", "missing", "no-ref", "no-path", "broken", "blocked", "error"] as const;
const state = (kind: BadgeState["kind"]) => ({ kind, installs: null }) as BadgeState;
const age = (kind: BadgeState["kind"], count = false) =>
  Number(/max-age=(\d+)/.exec(cacheControl(state(kind), count))?.[1]);

test("every badge has an age of its own, between a minute and three hours", () => {
  for (const kind of kinds) {
    expect(cacheControl(state(kind), false)).toMatch(/^public, max-age=\d+/);
    expect(age(kind)).toBeGreaterThanOrEqual(60);
    expect(age(kind)).toBeLessThanOrEqual(10_800);
  }
});

test("what may be mended soon is kept for less long than what works", () => {
  for (const kind of kinds) if (kind !== "ready") expect(age(kind)).toBeLessThan(age("ready"));
  expect(age("error")).toBe(60);
});

test("a number of installs is kept for less long than a plain button", () => {
  expect(age("ready", true)).toBeLessThan(age("ready"));
});

test("only a badge that works may be shown when it is stale", () => {
  expect(cacheControl(state("ready"), false)).toContain("stale-if-error");
  expect(cacheControl(state("broken"), false)).not.toContain("stale");
});

test("the ETag is quoted, and the same for the same image only", () => {
  expect(etagOf("a")).toMatch(/^"[\w-]+"$/);
  expect(etagOf("a")).toBe(etagOf("a"));
  expect(etagOf("a")).not.toBe(etagOf("b"));
  const light = badgeFor(new URLSearchParams("theme=light"), state("ready"));
  const dark = badgeFor(new URLSearchParams("theme=dark"), state("ready"));
  expect(light.etag).not.toBe(dark.etag);
});
