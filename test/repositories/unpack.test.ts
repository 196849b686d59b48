import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { type Limits, unpack } from "../../src/repositories/unpack.ts";
import { type TarEntry, tarball } from "../fakes/github/git.ts";

let home: string;
let into: string;
const text = (content: string) => new TextEncoder().encode(content);
const file = (path: string, content = path): TarEntry => ({ path: `top/${path}`, content: text(content) });
const link = (path: string, linkpath: string): TarEntry => ({ path: `top/${path}`, type: "SymbolicLink", linkpath });

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "slipway-unpack-"));
  into = join(home, "deep/er/into");
  await mkdir(into, { recursive: true });
});
// A file that was in hand when its archive was refused may still be closing.
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

/** In small pieces, as a network would. */
const stream = (bytes: Uint8Array, size = 1000) =>
  ReadableStream.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  ) as ReadableStream<Uint8Array>;

const run = (
  archive: TarEntry[] | Uint8Array,
  { path = "", ...limits }: Partial<Limits> & { path?: string } = {},
  signal = new AbortController().signal,
) =>
  unpack(stream(Array.isArray(archive) ? tarball(archive) : archive), {
    path,
    into,
    signal,
    limits: { packed: 1e6, unpacked: 1e7, files: 1000, idleMs: 5000, ...limits },
  });
const found = async () => (await readdir(into, { recursive: true })).sort();

describe("an archive", () => {
  test("comes out without the top folder, with its execute bits, owned by us", async () => {
    const long = `${"deep/".repeat(40)}${"x".repeat(120)}`;
    await run([
      { path: "top/", type: "Directory" },
      file("app.json", "{}"),
      { ...file("bin/start"), mode: 0o6777 },
      file("ünï/日本.txt"),
      file(long, "long"),
      file("empty", ""),
    ]);
    expect(await readFile(join(into, "app.json"), "utf8")).toBe("{}");
    expect(await readFile(join(into, long), "utf8")).toBe("long");
    expect(await readFile(join(into, "ünï/日本.txt"), "utf8")).toBe("ünï/日本.txt");
    const { mode, uid } = await lstat(join(into, "bin/start"));
    expect((mode & 0o7777).toString(8)).toBe("755");
    expect(uid).toBe(process.getuid?.());
  });

  test("is left aside when it is not below the path", async () => {
    await run([file("app.json"), file("web/a"), file("web/b/c"), file("website/d"), file("other/web/e")], {
      path: "web",
    });
    expect(await found()).toEqual(["a", "b", "b/c"]);
  });

  test("has links only where they stay inside", async () => {
    await run([
      file("conf/app.json"),
      file("a/b/c/file"),
      link("app.json", "conf/app.json"),
      link("a/up", "../conf"),
      link("a/b/c/near", "../../b/other"),
      link("a/b/c/root", "../../.."),
      link("a/b/c/loop", "../c"),
      link("self", "self"),
      link("dangling", "./later/there"),
      link("absolute", "/etc/passwd"),
      link("out", ".."),
      link("a/b/out", "../../../x"),
      link("sneaky", "a/up/../../x"),
      link("dots", "a/./../../x"),
    ]);
    const links = execFileSync("find", [into, "-type", "l", "-printf", "%P\\n"], { encoding: "utf8" });
    expect(links.trim().split("\n").sort()).toEqual(["a/b/c/near", "a/up", "app.json", "dangling"]);
    expect(await readlink(join(into, "app.json"))).toBe("conf/app.json");
  });

  test("has no link out of the path either", async () => {
    await run([file("web/a"), file("secret"), link("web/b", "../secret"), link("web/c", "./a")], { path: "web" });
    expect(await found()).toEqual(["a", "c"]);
  });

  test("has no hard link, device or pipe", async () => {
    await run([
      file("a"),
      { path: "top/hard", type: "Link", linkpath: "/etc/passwd" },
      { path: "top/inner", type: "Link", linkpath: "top/a" },
      { path: "top/device", type: "CharacterDevice" },
      { path: "top/pipe", type: "FIFO" },
    ]);
    expect(await found()).toEqual(["a"]);
  });

  test.each([
    [[file("../escaped")]],
    [[file("a/../../../escaped")]],
    [[{ path: "/top/../../escaped", content: text("x") }]],
    [[link("door", "."), file("door/../../escaped")]],
  ])("cannot be written outside, case %#", async (entries) => {
    await run([file("fine"), ...entries]).catch((error) => expect(error).toBeInstanceOf(OperationalError));
    for (const place of [home, join(home, "deep"), join(home, "deep/er")]) {
      expect(existsSync(join(place, "escaped"))).toBe(false);
    }
  });

  test("cannot be written through a link", async () => {
    await mkdir(join(home, "target"));
    await expect(run([file("real/x"), link("door", "real"), file("door/y")])).rejects.toThrow(OperationalError);
    expect(existsSync(join(into, "real/y"))).toBe(false);
  });
});

describe("an archive is refused with a next step", () => {
  const refused = (message: string) => ({
    name: "OperationalError",
    message: expect.stringContaining(message),
    next: expect.stringMatching(/\.$/),
  });
  const noise = () => Uint8Array.from({ length: 20_000 }, () => Math.random() * 256);

  test("when it is too large packed", () =>
    expect(run([{ ...file("a"), content: noise() }], { packed: 10_000 })).rejects.toMatchObject(
      refused("200 MB packed"),
    ));

  test("when it is too large unpacked, before it is written", async () => {
    await expect(
      run([{ ...file("bomb"), content: new Uint8Array(2_000_000) }], { unpacked: 1_000_000 }),
    ).rejects.toMatchObject(refused("1 GB"));
    expect(await found()).toEqual([]);
  });

  test("when files outside the path are too large", () =>
    expect(
      run([file("web/a"), { ...file("bomb"), content: new Uint8Array(2_000_000) }], {
        path: "web",
        unpacked: 1_000_000,
      }),
    ).rejects.toMatchObject(refused("1 GB")));

  test("when it has too many files", () =>
    expect(
      run(
        Array.from({ length: 11 }, (_, at) => file(`${at}`)),
        { files: 10 },
      ),
    ).rejects.toMatchObject(refused("100,000 files")));

  test("when it has nothing below the path", () =>
    expect(run([file("a")], { path: "web" })).rejects.toMatchObject(refused("“web”")));

  test("when it breaks off", async () => {
    const complete = tarball([file("a"), { ...file("b"), content: noise() }]);
    for (const length of [0, 10, 500, complete.length - 5_000, complete.length - 1]) {
      await expect(run(complete.subarray(0, length))).rejects.toThrow(OperationalError);
    }
  });

  test("when it is something else", async () => {
    await expect(run(text("<html>No such thing</html>".repeat(100)))).rejects.toThrow(OperationalError);
    await expect(run(new Uint8Array(gzipSync(noise())))).rejects.toThrow(OperationalError);
  });

  test("when the stream stalls", async () => {
    const stuck = new ReadableStream<Uint8Array>({ start: (to) => to.enqueue(tarball([file("a")]).subarray(0, 50)) });
    const signal = new AbortController().signal;
    const limits = { packed: 1e6, unpacked: 1e6, files: 10, idleMs: 50 };
    await expect(unpack(stuck, { path: "", into, signal, limits })).rejects.toMatchObject(
      refused("nothing more arrived"),
    );
  });
});

test("a slow but steady archive is unpacked", async () => {
  const bytes = tarball([file("a"), file("b")]);
  const slow = ReadableStream.from(
    (async function* () {
      for (let at = 0; at < 5; at++) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        yield bytes.subarray((at * bytes.length) / 5, ((at + 1) * bytes.length) / 5);
      }
    })(),
  ) as ReadableStream<Uint8Array>;
  const limits = { packed: 1e6, unpacked: 1e6, files: 10, idleMs: 1400 };
  await unpack(slow, { path: "", into, signal: new AbortController().signal, limits });
  expect(await found()).toEqual(["a", "b"]);
});

test("unpacking stops when it is aborted", async () => {
  const stop = new AbortController();
  const stuck = new ReadableStream<Uint8Array>({ start: (to) => to.enqueue(tarball([file("a")]).subarray(0, 50)) });
  setTimeout(() => stop.abort(new Error("enough")), 20);
  await expect(unpack(stuck, { path: "", into, signal: stop.signal })).rejects.toThrow("enough");
});

describe("an archive that is a bomb", () => {
  const padded = (megabytes: number) =>
    gzipSync(Buffer.concat([gunzipSync(tarball([file("a")])), Buffer.alloc(megabytes * 1_000_000)]));

  test("of padding is refused, though its files are small", async () => {
    const archive = padded(60);
    expect(archive.length).toBeLessThan(100_000);
    await expect(run(archive, { idleMs: 500 })).rejects.toThrow(OperationalError);
  });

  test("compressed twice is refused", async () => {
    await expect(run(gzipSync(padded(60)))).rejects.toThrow(/compressed twice/);
  });

  test("of empty files is refused before many are written, though they arrive at once", async () => {
    const archive = tarball(Array.from({ length: 40_000 }, (_, n) => file(`f${n}`, "")));
    const stop = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const complete = {
      path: "",
      into,
      signal: stop.signal,
      limits: { packed: 1e7, unpacked: 1e7, files: 500, idleMs: 5000 },
    };
    await expect(unpack(stream(archive, archive.length), complete)).rejects.toThrow(/100,000 files/);
    clearInterval(timer);
    expect((await found()).length).toBeLessThanOrEqual(500);
    expect(ticks).toBeGreaterThan(0);
  });
});
