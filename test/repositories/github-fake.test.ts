import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addCommit, createObjectStore } from "../fakes/github/git.ts";
import { fakeGitHub } from "../fakes/github/github.ts";

let fake: Awaited<ReturnType<typeof fakeGitHub>>;
beforeEach(async () => {
  fake = await fakeGitHub({ repos: { "acme/shop": { files: { "app.json": "{}" } } } });
});
afterEach(() => fake.close());

const ask = (path: string, headers: Record<string, string> = {}, redirect: "manual" | "follow" = "manual") =>
  fetch(fake.url + path, {
    redirect,
    headers: {
      "user-agent": "test",
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
      ...headers,
    },
  });
const token = { authorization: "token good-token" };

describe("the fake GitHub is as strict as it has to be", () => {
  test.each([
    ["/user", {}, 501],
    ["/repos/acme/shop/issues", {}, 501],
    ["/repos/acme/shop?page=2", {}, 501],
    ["/repos/acme/shop", { "x-github-api-version": "2020-01-01" }, 501],
    ["/repos/acme/shop", { accept: "text/html" }, 415],
    ["/repos/acme/shop/commits/main", {}, 415],
    ["/repos/acme/shop", { authorization: "token wrong" }, 401],
    ["/repos/acme/none", token, 404],
    ["/repos/ACME/Shop", token, 200],
  ])("%s with %j is a %i", async (path, headers, status) => {
    expect((await ask(path, headers)).status).toBe(status);
  });

  test("an unchanged answer is free with a token, and counts without one", async () => {
    for (const headers of [token, {}]) {
      const etag = (await ask("/repos/acme/shop", headers)).headers.get("etag") ?? "";
      expect((await ask("/repos/acme/shop", { ...headers, "if-none-match": etag })).status).toBe(304);
    }
    expect([fake.used("good-token"), fake.used()]).toEqual([1, 2]);
  });

  test("whoever has used up the limit is refused until it is reset", async () => {
    fake.setUsed(60);
    const refused = await ask("/repos/acme/shop");
    expect(refused.status).toBe(403);
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect((await ask("/repos/acme/shop", token)).status).toBe(200);
  });

  test("an old name leads to the new one by its number", async () => {
    fake.rename("acme/shop", "acme/store");
    expect((await ask("/repos/acme/shop")).status).toBe(301);
    expect(await (await ask("/repos/acme/shop", {}, "follow")).json()).toMatchObject({ full_name: "acme/store" });
  });
});

test("the fake's hashes are git's own", async () => {
  const files = {
    "a.txt": "a",
    "a/b.sh": { program: "#!/bin/sh\n" },
    "a-b": "x",
    "z/link": { link: "../a.txt" },
    ü: "",
  };
  const home = await mkdtemp(join(tmpdir(), "slipway-git-"));
  const git = (...args: string[]) => execFileSync("git", ["-C", home, ...args], { encoding: "utf8" }).trim();
  git("init", "-q");
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    const isText = typeof content === "string";
    const mode = isText ? "100644" : "program" in content ? "100755" : "120000";
    await writeFile(join(home, path), isText ? content : Object.values(content).join(""));
    const sha = git("hash-object", "-w", path);
    git("update-index", "--add", "--cacheinfo", `${mode},${sha},${path}`);
  }
  expect(addCommit(createObjectStore(), files).tree).toBe(git("write-tree"));
  await rm(home, { recursive: true });
});
