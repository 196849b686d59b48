import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

export const root = join(import.meta.dirname, "..");
const has = (program: string) => spawnSync("which", [program]).status === 0;
export const wrk = has("wrk");
const taskset = has("taskset") && cpus().length > 1;

/** A command on a core of its own: servers on the first, whoever asks them on the second. */
export const pinned = (core: 0 | 1, command: string, args: string[]): [string, string[]] =>
  taskset ? ["taskset", ["-c", String(core), command, ...args]] : [command, args];

// A measurement that breaks off leaves no server and no folder behind.
const leftovers: (() => void)[] = [];
process.once("exit", () => {
  for (const clear of leftovers) clear();
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));

export interface Server {
  url: string;
  /** From spawn to the first answer of 200, in milliseconds. */
  startup: number;
  /** Resident memory in MB. */
  rss(): number;
  /** Processor time used so far in seconds, where the system tells. */
  cpu(): number | null;
  stop(): Promise<void>;
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

async function firstAnswer(url: string): Promise<void> {
  for (;;) {
    const status = await new Promise((resolve) => {
      get(url, (response) => response.resume().on("end", () => resolve(response.statusCode))).on("error", resolve);
    });
    if (status === 200) return;
    await wait(2);
  }
}

async function start(args: string[], probe: string, env: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const [command, rest] = pinned(0, process.execPath, args);
  const child = spawn(command, rest, { cwd: root, env: { ...process.env, ...env, PORT: String(port) } });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      output = (output + chunk).slice(-2000);
    });
  leftovers.push(() => child.kill("SIGKILL"));
  let stopping = false;
  child.once("exit", (code, signal) => {
    if (stopping) return;
    console.error(`${args.join(" ")} ended by itself with ${code ?? signal}: ${output}`);
    process.exit(1);
  });
  await firstAnswer(url + probe);
  const startup = performance.now() - startedAt;
  const proc = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, "utf8");
  return {
    url,
    startup,
    rss() {
      const kb = spawnSync("ps", ["-o", "rss=", "-p", String(child.pid)], { encoding: "utf8" }).stdout;
      return Number(kb) / 1024;
    },
    cpu() {
      if (process.platform !== "linux") return null;
      // utime and stime, in hundredths of a second; the name before them may hold anything.
      const fields = proc("stat")
        .replace(/^.*\) /s, "")
        .split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    async stop() {
      stopping = true;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await Promise.race([ended, wait(10_000).then(() => child.kill("SIGKILL"))]);
      await ended;
    },
  };
}

/** Node's own server with the one answer that is in `body`. */
export const startBare = (body?: string, type?: string) =>
  start([join(import.meta.dirname, "bare.js")], "/", { ...(body && { BODY: body }), ...(type && { TYPE: type }) });

/** The fast path of badges alone. */
export const startWarm = () => start([join(import.meta.dirname, "warm-server.ts")], "/", {});

const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { start: string } };
const flags = scripts.start.match(/--\S+/g) ?? [];

/** Slipway as `npm start` runs it, with the apps in `repos`, and an empty database where no `data` is given. */
export async function startSlipway({
  probe = "/up",
  repos = join(root, "examples"),
  entry = "start.js",
  data = mkdtempSync(join(tmpdir(), "slipway-bench-")),
} = {}): Promise<Server> {
  leftovers.push(() => rmSync(data, { recursive: true, force: true }));
  const server = await start([...flags, entry], probe, { DATA_DIR: data, LOCAL_REPOS: repos, LOCAL_CLOUD: "on" });
  return {
    ...server,
    async stop() {
      await server.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}
