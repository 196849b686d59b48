import { execFileSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OperationalError } from "../../src/clouds/cloud.ts";
import type { Address, Snapshot } from "../../src/repo.ts";
import { localRepositories } from "../../src/repositories/local-folders.ts";

let home: string;
let root: string;
let time: number;
const now = () => time;
const signal = new AbortController().signal;
const hello: Address = { host: "local", owner: "examples", repo: "hello", path: "" };

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "slipway-folders-"));
  root = join(home, "examples");
  time = 1_000_000;
  await write("hello/app.json", '{"name":"hello"}');
  await write("hello/src/server.js", "serve()");
  await write("hello/src/deep/er.js", "1");
  await write("hello/node_modules/x/index.js", "no");
  await write("hello/src/node_modules/x/index.js", "no");
  await write("hello/.git/HEAD", "no");
  await write("hello/data/slipway.db", "no");
  await write("hello/src/data/seeds.json", "[]");
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function write(path: string, content: string | Uint8Array) {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}
async function opened(address: Address = hello, repositories = localRepositories([root], now)): Promise<Snapshot> {
  const found = await repositories.open(address);
  if (!found.ok) throw new Error(found.trouble.note.message);
  return found.snapshot;
}
async function problemOf(address: Address, repositories = localRepositories([root], now)) {
  const found = await repositories.open(address);
  if (found.ok) throw new Error("opened");
  return found.trouble;
}
const FILES = ["app.json", "src/data/seeds.json", "src/deep/er.js", "src/server.js"];

describe("opening", () => {
  test("a folder is a repository; packages, history and data are left out", async () => {
    const snapshot = await opened();
    expect(snapshot).toMatchObject({ address: hello, ref: "HEAD", files: FILES });
    expect(snapshot.commit).toMatch(/^[\da-f]{40}$/);
    expect(await snapshot.read("app.json")).toBe('{"name":"hello"}');
    expect(await snapshot.read("no.json")).toBe(null);
    expect(await snapshot.read("../../secret")).toBe(null);
  });

  test("a path gives the files below it, a file's path those of its folder", async () => {
    const snapshot = await opened({ ...hello, path: "src" });
    expect(snapshot.files).toEqual(["data/seeds.json", "deep/er.js", "server.js"]);
    expect(await snapshot.read("server.js")).toBe("serve()");
    expect((await opened({ ...hello, path: "src/deep/er.js" })).address.path).toBe("src/deep");
    expect((await opened({ ...hello, path: "app.json" })).address.path).toBe("");
    expect((await opened()).commit).toBe(snapshot.commit);
  });

  test("a path that is missing says what is near", async () => {
    expect(await problemOf({ ...hello, path: "scr" })).toMatchObject({
      kind: "no-path",
      note: { fix: "Perhaps it is “src”." },
    });
    expect((await problemOf({ ...hello, path: "lib/deep" })).note.fix).toBe("Perhaps it is “src/deep”.");
    expect((await problemOf({ ...hello, path: "src/deeep" })).note.fix).toBe("Perhaps it is “src/deep”.");
    expect((await problemOf({ ...hello, path: "zebra" })).note.fix).toBe("Leave the path out to use the root.");
  });

  test("what is no folder of a root is missing", async () => {
    await symlink("/etc", join(root, "etc"));
    await write("file", "");
    for (const repo of ["none", "etc", "file", "node_modules", ".hidden", "..", ".", ""]) {
      expect(await problemOf({ ...hello, repo })).toMatchObject({ kind: "missing" });
    }
    expect(await problemOf({ ...hello, owner: "elsewhere" })).toMatchObject({ kind: "missing" });
  });

  test("only the commit it is at can be asked for", async () => {
    const { commit } = await opened();
    expect((await opened({ ...hello, ref: commit })).ref).toBe(commit);
    expect((await opened({ ...hello, ref: commit.slice(0, 8) })).commit).toBe(commit);
    for (const ref of ["main", "latest-release", "0".repeat(40), commit.slice(0, 3)]) {
      expect(await problemOf({ ...hello, ref })).toMatchObject({ kind: "no-ref" });
    }
  });

  test("links are followed inside the folder and nowhere else", async () => {
    await writeFile(join(home, "secret"), "secret");
    await symlink("../../secret", join(root, "hello/up"));
    await symlink("/etc/passwd", join(root, "hello/passwd"));
    await symlink("/etc", join(root, "hello/etc"));
    await symlink("loop", join(root, "hello/loop"));
    await symlink("nowhere", join(root, "hello/dangling"));
    await symlink(".git/HEAD", join(root, "hello/head"));
    await symlink("src", join(root, "hello/sources"));
    await symlink("src/server.js", join(root, "hello/main.js"));
    const snapshot = await opened();
    expect(snapshot.files).toEqual(["app.json", "main.js", "src/data/seeds.json", "src/deep/er.js", "src/server.js"]);
    expect(await snapshot.read("main.js")).toBe("serve()");
  });

  test("what is no text reads as null", async () => {
    await write("hello/zero", new Uint8Array([65, 0, 66]));
    await write("hello/latin", new Uint8Array([0xe4, 0xf6]));
    await write("hello/bom", "\uFEFF{}");
    await write("hello/large", "x".repeat(5_000_001));
    await write("hello/just", "x".repeat(5_000_000));
    const snapshot = await opened();
    expect(await Promise.all(["zero", "latin", "large"].map(snapshot.read))).toEqual([null, null, null]);
    expect(await snapshot.read("bom")).toBe("{}");
    expect((await snapshot.read("just"))?.length).toBe(5_000_000);
  });

  test("too many files or bytes are refused in words", async () => {
    await write("big/a", new Uint8Array(50_000_001));
    expect(await problemOf({ ...hello, repo: "big" })).toMatchObject({ kind: "too-large" });
    await mkdir(join(root, "many"));
    await Promise.all(Array.from({ length: 5_001 }, (_, at) => writeFile(join(root, "many", `${at}`), "")));
    expect(await problemOf({ ...hello, repo: "many" })).toMatchObject({ kind: "too-large" });
    await rm(join(root, "many/0"));
    expect((await opened({ ...hello, repo: "many" })).files).toHaveLength(5_000);
  });

  test.skipIf(process.getuid?.() === 0)(
    "a file that may not be read is a trouble, not a throw (skipped for root, who may read all)",
    async () => {
      await chmod(join(root, "hello/app.json"), 0);
      expect(await problemOf(hello)).toMatchObject({
        kind: "unreachable",
        note: { message: expect.stringContaining("EACCES") },
      });
    },
  );
});

describe("the commit", () => {
  test("depends on paths, contents and execute bits, and on nothing else", async () => {
    const { commit } = await opened();
    await cp(join(root, "hello"), join(root, "copy"), { recursive: true });
    await utimes(join(root, "copy/app.json"), 1, 1);
    await write("copy/node_modules/y", "new");
    expect((await opened({ ...hello, repo: "copy" })).commit).toBe(commit);
    const commits = new Set([commit]);
    await write("copy/app.json", '{"name":"hullo"}');
    commits.add((await opened({ ...hello, repo: "copy" })).commit);
    await write("copy/new.txt", "");
    commits.add((await opened({ ...hello, repo: "copy" })).commit);
    await chmod(join(root, "copy/new.txt"), 0o755);
    commits.add((await opened({ ...hello, repo: "copy" })).commit);
    expect(commits.size).toBe(4);
  });

  test("is looked at again after two seconds, and then a change is seen", async () => {
    const repositories = localRepositories([root], now);
    const first = await opened(hello, repositories);
    await write("hello/app.json", '{"name":"hullo"}');
    time += 1_999;
    const second = await opened(hello, repositories);
    expect(second.commit).toBe(first.commit);
    expect(await second.read("app.json")).toBe('{"name":"hello"}');
    time += 1;
    const third = await opened(hello, repositories);
    expect(third.commit).not.toBe(first.commit);
    expect(await third.read("app.json")).toBe('{"name":"hullo"}');
    expect(await first.read("app.json")).toBe('{"name":"hello"}');
  });

  test("a large text that has changed since is refused rather than mixed into another commit", async () => {
    await write("hello/large", "a".repeat(3_000_000));
    const snapshot = await opened();
    await write("hello/large", "b".repeat(3_000_000));
    await expect(snapshot.read("large")).rejects.toThrow(OperationalError);
  });
});

describe("downloading", () => {
  const into = async () => mkdtemp(join(home, "into-"));

  test("writes the files below the path with their execute bits and no links", async () => {
    await chmod(join(root, "hello/src/server.js"), 0o755);
    await symlink("src/server.js", join(root, "hello/main.js"));
    const { commit } = await opened();
    const all = await into();
    await localRepositories([root], now).download({ address: hello, commit }, all, signal);
    expect((await readdir(all, { recursive: true })).filter((item) => item.includes("."))).toHaveLength(5);
    expect(await readFile(join(all, "main.js"), "utf8")).toBe("serve()");
    expect((await stat(join(all, "src/server.js"))).mode & 0o111).toBe(0o111);
    expect((await stat(join(all, "app.json"))).mode & 0o111).toBe(0);
    expect(execFileSync("find", [all, "-type", "l"]).toString()).toBe("");
    const part = await into();
    await localRepositories([root], now).download({ address: { ...hello, path: "src/deep" }, commit }, part, signal);
    expect(await readdir(part)).toEqual(["er.js"]);
  });

  test("refuses a folder that is not what it was, is gone or has grown too large", async () => {
    const repositories = localRepositories([root], now);
    const { commit } = await opened(hello, repositories);
    await write("hello/src/server.js", "other()");
    await expect(repositories.download({ address: hello, commit }, await into(), signal)).rejects.toMatchObject({
      name: "OperationalError",
      message: expect.stringContaining("changed since"),
      next: expect.stringContaining("Start again"),
    });
    await write("hello/big", new Uint8Array(50_000_001));
    await expect(repositories.download({ address: hello, commit }, await into(), signal)).rejects.toThrow("50 MB");
    await rm(join(root, "hello"), { recursive: true });
    await expect(repositories.download({ address: hello, commit }, await into(), signal)).rejects.toThrow(
      "no such folder",
    );
  });

  test("stops when it is told to, and says when the place is no folder", async () => {
    const { commit } = await opened();
    const stopped = AbortSignal.abort(new Error("stop"));
    await expect(
      localRepositories([root], now).download({ address: hello, commit }, await into(), stopped),
    ).rejects.toThrow("stop");
    const file = join(home, "file");
    await writeFile(file, "");
    await expect(localRepositories([root], now).download({ address: hello, commit }, file, signal)).rejects.toThrow(
      "could not be copied",
    );
  });
});

test("the list names every folder of every root, and forgives a root that is not there", async () => {
  await write("shop/app.json", "{}");
  await write("data/x", "");
  await write(".hidden/x", "");
  await write("with space/x", "");
  await write("file", "");
  await mkdir(join(home, "more/blog"), { recursive: true });
  const listed = await localRepositories([`${root}/`, join(home, "gone"), join(home, "more")], now).list();
  expect(listed.map((item) => `${item.owner}/${item.repo}`)).toEqual(["examples/hello", "examples/shop", "more/blog"]);
});
