import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressPath, checkAddress, parseAddress } from "../../src/address.ts";
import type { Address } from "../../src/repo.ts";

const at = (more: Partial<Address> & { rest?: string } = {}) => ({
  host: "github.com",
  owner: "discourse",
  repo: "discourse",
  path: "",
  ...more,
});
const SHA = "0123456789abcdef0123456789abcdef01234567";

describe("what a person pastes", () => {
  test.each([
    ["discourse/discourse", at()],
    ["  <https://github.com/discourse/discourse>\n", at()],
    ["github.com/discourse/discourse", at()],
    ["GitHub.com/discourse/discourse/", at()],
    ["http://www.github.com/discourse/discourse", at()],
    ["https://github.com/discourse/discourse?tab=readme-ov-file#readme", at()],
    ["https://github.com/discourse/discourse?ref=producthunt", at()],
    ["https://github.com/discourse/discourse.git", at()],
    ["https://someone:token@github.com/discourse/discourse.git", at()],
    ["git clone https://github.com/discourse/discourse.git", at()],
    ["git@github.com:discourse/discourse.git", at()],
    ["ssh://git@github.com/discourse/discourse.git", at()],
    ["ssh://git@ssh.github.com:443/discourse/discourse.git", at()],
    ["git://github.com/discourse/discourse.git", at()],
    ["git+https://github.com/discourse/discourse.git", at()],
    ["git+ssh://git@github.com/discourse/discourse.git#v3.1.0", at({ ref: "v3.1.0" })],
    ["github:discourse/discourse#release/3.1", at({ ref: "release/3.1" })],
    ["https://github.com/discourse/discourse/issues/12", at()],
    ["https://github.com/discourse/discourse/tree/main", at({ ref: "main" })],
    ["https://github.com/discourse/discourse/tree", at()],
    ["https://github.com/discourse/discourse/tree/release%2F3.1", at({ rest: "release/3.1" })],
    ["https://github.com/discourse/discourse/tree/release/3.1/plugins", at({ rest: "release/3.1/plugins" })],
    ["https://github.com/discourse/discourse/tree/refs/heads/main", at({ ref: "main" })],
    ["https://github.com/discourse/discourse/blob/main/app.json#L3", at({ rest: "main/app.json" })],
    [`https://github.com/discourse/discourse/blob/${SHA}/a%20b/app.json`, at({ ref: SHA, path: "a b/app.json" })],
    [`https://github.com/discourse/discourse/commit/${SHA}`, at({ ref: SHA })],
    ["https://github.com/discourse/discourse/releases", at()],
    ["https://github.com/discourse/discourse/releases/latest", at({ ref: "latest-release" })],
    ["https://github.com/discourse/discourse/releases/tag/v3.1.0", at({ ref: "v3.1.0" })],
    ["https://github.com/discourse/discourse/releases/tag/web%2F3.1", at({ ref: "web/3.1" })],
    ["https://github.com/discourse/discourse/releases/download/v3/app.zip", at({ ref: "v3" })],
    ["https://github.com/discourse/discourse/archive/refs/tags/v3.1.0.tar.gz", at({ ref: "v3.1.0" })],
    ["https://raw.githubusercontent.com/discourse/discourse/main/app.json", at({ rest: "main/app.json" })],
    ["https://slipway.example/github.com/discourse/discourse", at()],
    ["http://localhost:3000/github.com/discourse/discourse/aws?ref=v1&path=web", at({ ref: "v1", path: "web" })],
    ["https://slipway.example/https://github.com/discourse/discourse/tree/v1", at({ ref: "v1" })],
    ["/github.com/discourse/discourse/tree/a/b", at({ rest: "a/b" })],
    ["/github.com/discourse/discourse.git", at()],
    ["/https://github.com/discourse/discourse", at()],
    ["local/examples/hello", at({ host: "local", owner: "examples", repo: "hello" })],
    ["http://127.0.0.1:3000/local/examples/hello/badge.svg", at({ host: "local", owner: "examples", repo: "hello" })],
    ["local/hello", at({ owner: "local", repo: "hello" })],
  ])("%s", (text, address) => expect(parseAddress(text)).toEqual({ ok: true, value: address }));

  test.each([
    ["", "names no repository"],
    ["discourse", "names no repository"],
    ["https://github.com/discourse", "names no repository"],
    ["https://gitlab.com/gitlab-org/gitlab", "Only repositories on github.com"],
    ["gitlab.com/gitlab-org/gitlab", "Only repositories on github.com"],
    ["git@bitbucket.org:team/repo.git", "Only repositories on github.com"],
    ["https://gist.github.com/someone/0123", "Only repositories on github.com"],
    ["javascript:alert(1)//a/b", "Only repositories on github.com"],
    ["https://github.com/-dash/repo", "no name of a GitHub account"],
    [`${"a".repeat(40)}/repo`, "no name of a GitHub account"],
    ["owner/..", "no name of a repository"],
    ["owner/%2e%2e", "no name of a repository"],
    ["owner/re po", "no name of a repository"],
    ["owner/repo%", "broken % sequence"],
    ["https://github.com/o/r/tree/main/../../etc", "no folder"],
    ["https://github.com/o/r/tree/main/%2e%2e/etc", "no folder"],
    ["https://github.com/o/r/tree/main/a%00b", "no folder"],
    ["https://github.com/o/r/tree/-x", "no branch, tag or commit"],
    [`o/r/tree/${"a".repeat(10_000)}`, "too long"],
  ])("%s is declined with a sentence", (text, sentence) => {
    const read = parseAddress(text);
    if (read.ok) throw new Error(`read as ${JSON.stringify(read.value)}`);
    expect(read.problems[0]?.message).toContain(sentence);
    expect(read.problems[0]?.fix).not.toBe("");
  });

  test("a password in a clone URL is in no message", () => {
    expect(JSON.stringify(parseAddress("https://me:hunter2@gitlab.com/a/b"))).not.toContain("hunter2");
  });
});

describe("what comes in a URL's parts", () => {
  test.each(["main", "v1.0", "feature/a-b", "renovate/@types", "ünicode", "latest-release", "a#b", SHA.slice(0, 7)])(
    "%s can be a ref",
    (ref) =>
      expect(checkAddress("github.com", "o", "r", ref)).toEqual({
        ok: true,
        value: { host: "github.com", owner: "o", repo: "r", ref, path: "" },
      }),
  );

  test.each([
    "..",
    "a..b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a\0b",
    "a\nb",
    "\u009f",
    "/a",
    "a/",
    "a//b",
    "a.",
    ".a",
    "a/.b",
    "a.lock",
    "a.lock/b",
    "a@{1}",
    "@",
    "-a",
    "\ud800",
    "a".repeat(256),
    "a".repeat(10_000),
  ])("%j can be no ref", (ref) =>
    expect(checkAddress("github.com", "o", "r", ref)).toMatchObject({ ok: false, problems: [{ path: "ref" }] }),
  );

  test.each(["..", "a/../b", "./a", "a//b", "a\\b", "a\0", "a\u0007", "\udfff", "a".repeat(1025), "../".repeat(3000)])(
    "%j can be no path",
    (path) =>
      expect(checkAddress("github.com", "o", "r", "", path)).toMatchObject({ ok: false, problems: [{ path: "path" }] }),
  );

  test("slashes around a path fall away, an empty ref is none", () => {
    expect(checkAddress("local", "examples", "hello", "", "/apps/web/")).toEqual({
      ok: true,
      value: { host: "local", owner: "examples", repo: "hello", path: "apps/web" },
    });
  });

  test("everything wrong is said at once", () => {
    const { problems } = checkAddress("github.com", "o o", "r.git", "..", "..") as { problems: { path: string }[] };
    expect(problems.map((item) => item.path)).toEqual(["owner", "repo", "ref", "path"]);
  });

  test("another host is declined", () => {
    expect(checkAddress("gitlab.com", "o", "r")).toMatchObject({ ok: false, problems: [{ path: "host" }] });
  });
});

describe("for any input", () => {
  const segment = fc.oneof(
    fc.constantFrom(
      "https://",
      "github.com",
      "/",
      "git@",
      ":",
      "tree/",
      "blob/",
      "..",
      "%2e%2e",
      "%00",
      "?ref=",
      "&path=",
      "#",
      "local/",
      "o/r",
      "refs/heads/",
      "releases/tag/",
      "\\",
      "raw.githubusercontent.com/",
    ),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const address = fc
    .record({
      host: fc.constantFrom("github.com", "local"),
      owner: fc.stringMatching(/^[a-z\d][\w-]{0,10}$/),
      repo: fc.stringMatching(/^[\w.-]{1,12}$/),
      ref: fc.option(fc.string({ unit: "grapheme", maxLength: 20 }), { nil: undefined }),
      path: fc.string({ unit: "grapheme", maxLength: 30 }),
    })
    .map((parts) =>
      checkAddress(parts.host, parts.owner, parts.repo, parts.host === "local" ? undefined : parts.ref, parts.path),
    )
    .filter((checked) => checked.ok)
    .map((checked) => checked.value);

  test("reading never throws and what it gives passes the check", () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 14 }), (segments) => {
        const read = parseAddress(segments.join(""));
        if (!read.ok) return read.problems.every((item) => item.message !== "" && item.fix !== "");
        const { host, owner, repo, ref, path, rest = "" } = read.value;
        return (
          checkAddress(host, owner, repo, ref, path).ok &&
          checkAddress(host, owner, repo, undefined, rest).ok &&
          ![owner, repo, ...(ref ?? "").split("/"), ...path.split("/"), ...rest.split("/")].includes("..")
        );
      }),
      { numRuns: 5000 },
    );
  });

  test("an address comes back from its own page's URL", () => {
    fc.assert(
      fc.property(address, (item) => {
        expect(parseAddress(`https://slipway.example${addressPath(item)}`)).toEqual({ ok: true, value: item });
      }),
      { numRuns: 2000 },
    );
  });

  test("the path of a page has nothing in it that ends a link in Markdown, HTML or a shell word", () => {
    fc.assert(
      fc.property(address, (item) => {
        expect(addressPath(item)).toMatch(
          /^\/(?:github\.com|local)\/[\w.-]+\/[\w.-]+(?:\?(?:(?:ref|path)=[\w.%/-]+&?){1,2})?$/,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

test.each(["https%3A%2F%2Fgithub.com%2Fdiscourse%2Fdiscourse", "github.com%2Fdiscourse%2Fdiscourse"])(
  "an address that was encoded as a whole, %s, is read",
  (text) => {
    expect(parseAddress(text)).toMatchObject({ ok: true, value: { owner: "discourse", repo: "discourse", path: "" } });
  },
);
