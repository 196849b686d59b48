import { describe, expect, test } from "vitest";
import { duration, money, plural } from "../../views/format.ts";
import { safeUrl } from "../../views/safe-url.ts";

describe("safeUrl", () => {
  test.each([
    ["https://example.com/a?b=c#d", "https://example.com/a?b=c#d"],
    ["HTTPS://Example.com", "https://example.com/"],
    ["/github.com/o/r?ref=x", "/github.com/o/r?ref=x"],
    ["http://127.0.0.1:4321/welcome", "http://127.0.0.1:4321/welcome"],
    ["http://localhost:4321", "http://localhost:4321/"],
    ["http://[::1]:4321/", "http://[::1]:4321/"],
    ["http://app.localhost/", "http://app.localhost/"],
  ])("accepts %s", (url, expected) => expect(safeUrl(url)).toBe(expected));

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "http://example.com/",
    "http://127.0.0.1.example.com/",
    "//example.com/",
    "/\\example.com",
    "/\t/example.com",
    "\\\\example.com",
    "https:example.com",
    "https://user:secret@example.com/",
    "https://",
    "relative",
    "",
  ])("rejects %j", (url) => expect(safeUrl(url)).toBeNull());
});

describe("number formats", () => {
  test("money has two decimals, is free only where nothing is billed, and stays unknown if it is", () => {
    expect(money(22, true)).toBe("$22.00");
    expect(money(1234.5, true)).toBe("$1,234.50");
    expect(money(0, false)).toBe("free");
    expect(money(0, true)).toBe("$0.00");
    expect(money(null, false)).toBe("price unknown");
  });

  test("a duration has minutes and seconds, and hours if needed", () => {
    expect([0, 9_999, 61_000, 3_599_999, 3_600_000, -5].map(duration)).toEqual([
      "0:00",
      "0:09",
      "1:01",
      "59:59",
      "1:00:00",
      "0:00",
    ]);
  });

  test("plural uses the singular only for 1", () => {
    expect([plural(1, "step"), plural(0, "step"), plural(1204, "step")]).toEqual(["1 step", "0 steps", "1,204 steps"]);
  });
});
