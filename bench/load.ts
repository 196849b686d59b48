import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { pinned, type Server, wrk } from "./servers.ts";

const run = promisify(execFile);
const connections = 64;

/** What is asked for: one path, or many by a number that is put in the place of `%d`, from 1 to `count` and again. */
export interface Load {
  path: string;
  count?: number;
  /** Whom the server takes this for when it asks through a proxy. */
  forwarded?: string;
}

/** Badges are loaded by GitHub's proxy: https://github.com/atmos/camo */
export const agent = "github-camo (bench)";
const headersOf = ({ forwarded }: Load) => [
  `User-Agent: ${agent}`,
  ...(forwarded ? [`X-Forwarded-For: ${forwarded}`] : []),
];

export interface Measured {
  /** Requests in a second. */
  rate: number;
  /** Microseconds of the server's processor for one request, where the system tells. */
  cpu: number | null;
}

/** Loads the server for some seconds. Anything but a 2xx or 3xx answer is an error. */
export async function load(server: Server, what: Load, seconds: number): Promise<Measured> {
  const before = server.cpu();
  const requests = await (wrk ? byWrk : bySockets)(server.url, what, seconds);
  const after = server.cpu();
  const cpu = before === null || after === null ? null : ((after - before) * 1e6) / requests;
  return { rate: requests / seconds, cpu };
}

async function byWrk(url: string, what: Load, seconds: number): Promise<number> {
  const { path, count = 1 } = what;
  const folder = mkdtempSync(join(tmpdir(), "slipway-wrk-"));
  const script = join(folder, "paths.lua");
  writeFileSync(
    script,
    `local n = 0
request = function() n = n % ${count} + 1; return wrk.format("GET", (string.gsub(${JSON.stringify(path)}, "%%d", n))) end`,
  );
  const headers = headersOf(what).flatMap((header) => ["-H", header]);
  const args = [
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    ...headers,
    ...(count > 1 ? ["-s", script, url] : [url + path]),
  ];
  const { stdout } = await run(...pinned(1, "wrk", args));
  rmSync(folder, { recursive: true });
  const refused = /Non-2xx or 3xx responses: (\d+)/.exec(stdout);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  if (refused || !requests) throw new Error(`wrk at ${url}${path}: ${stdout}`);
  return requests;
}

async function bySockets(url: string, what: Load, seconds: number): Promise<number> {
  const { path, count = 1 } = what;
  const generator = join(import.meta.dirname, "sockets.ts");
  const args = [generator, url, path, String(count), String(connections), String(seconds), ...headersOf(what)];
  const { stdout } = await run(...pinned(1, process.execPath, args));
  return Number(stdout);
}
