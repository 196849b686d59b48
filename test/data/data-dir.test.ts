import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockDataDir } from "../../src/data/data-dir.ts";
import { openDb } from "../../src/data/db.ts";
import { needs } from "../harness/peers.ts";
import { freePort, serve } from "../harness/server.ts";
import { createTestApp } from "../harness/test-app.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "slipway-data-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const mode = (path: string) => statSync(path).mode & 0o777;

test("the server's files are readable by its user only, also those from before", { timeout: 60_000 }, async () => {
  const dataDir = join(folder, "data");
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "secret"), "0".repeat(64));
  chmodSync(join(dataDir, "secret"), 0o644);
  const server = await serve({ port: await freePort(), dataDir });
  await fetch(`${server.origin}/`);
  const names = ["slipway.db", "slipway.db-wal", "lock.db", "secret"];
  expect(names.map((name) => mode(join(dataDir, name)).toString(8))).toEqual(names.map(() => "600"));
  await server.end();
});

test("a data folder that cannot be used is named, with what to do", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  expect(() => lockDataDir(join(file, "data"))).toThrow(`${join(file, "data")} (ENOTDIR)`);
});

needs("root")("a data folder of another user is named, with the user it must be given to", async () => {
  const dataDir = join(folder, "roots");
  mkdirSync(dataDir, { mode: 0o700 });
  chmodSync(folder, 0o755);
  const script = `import { lockDataDir } from ${JSON.stringify(join(import.meta.dirname, "../../src/data/data-dir.ts"))};
    try { lockDataDir(${JSON.stringify(dataDir)}); } catch (error) { console.log(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    uid: 1000,
    gid: 1000,
    encoding: "utf8",
    cwd: "/",
  });
  expect(stdout).toContain(`${dataDir} (EACCES): give it to user 1000, or set DATA_DIR`);
});

needs("root")("a full disk is not ready, while pages can still be read", async () => {
  const disk = join(folder, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]);
  try {
    const db = openDb(join(disk, "slipway.db"));
    let time = Date.parse("2026-11-22T12:00:00Z");
    const { get } = createTestApp({ db, now: () => new Date(time) });
    expect((await get("/ready")).status).toBe(200);
    writeFileSync(join(disk, "other"), Buffer.alloc(1000));
    spawnSync("dd", ["if=/dev/zero", `of=${join(disk, "filler")}`, "bs=4096"]);
    time += 6_000;
    expect((await get("/ready")).status).toBe(503);
    expect((await get("/up")).status).toBe(200);
    expect((await get("/")).status).toBe(200);
    rmSync(join(disk, "filler"));
    time += 6_000;
    expect((await get("/ready")).status).toBe(200);
    db.$client.close();
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
});

test("the image gives /data to the user it runs as, before it becomes a volume", () => {
  const steps = readFileSync(join(import.meta.dirname, "../../Dockerfile"), "utf8")
    .split("\n")
    .filter((line) => /^[A-Z]+ /.test(line));
  const index = (pattern: RegExp) => steps.findIndex((step) => pattern.test(step));
  const start = readFileSync(join(import.meta.dirname, "../../container-start.sh"), "utf8");
  const user = /setpriv --reuid=(\w+) --regid=\1 --init-groups/.exec(start)?.[1];
  expect(start).toContain(`chown ${user}:${user} "$DATA_DIR"`);
  const owned = index(new RegExp(`^RUN install -d -o ${user} -g ${user} -m 700 /data$`));
  // https://docs.docker.com/reference/dockerfile/#notes-about-specifying-volumes: later changes are discarded.
  expect(owned).toBeGreaterThan(-1);
  expect(owned).toBeLessThan(index(/^VOLUME \/data/));
  expect(steps.at(-1)).toBe('CMD ["./container-start.sh"]');
  expect(steps).toContain("ENV DATA_DIR=/data");
});

needs("root")("a folder made as the image makes it can be used by that user", async () => {
  chmodSync(folder, 0o755);
  const dataDir = join(folder, "volume");
  execFileSync("install", ["-d", "-o", "1000", "-g", "1000", "-m", "700", dataDir]);
  const script = `import { lockDataDir } from ${JSON.stringify(join(import.meta.dirname, "../../src/data/data-dir.ts"))};
    import { openDb } from ${JSON.stringify(join(import.meta.dirname, "../../src/data/db.ts"))};
    lockDataDir(${JSON.stringify(dataDir)}); openDb(${JSON.stringify(join(dataDir, "slipway.db"))}); console.log("opened");`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    uid: 1000,
    gid: 1000,
    encoding: "utf8",
    cwd: "/",
  });
  expect(stdout + stderr).toBe("opened\n");
});
