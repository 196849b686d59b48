import { randomInt } from "node:crypto";
import { readdir, readFile, readlink } from "node:fs/promises";
import { createServer } from "node:net";

const given = new Set<number>();

// Below those that systems give to outgoing connections: a port that is told to a build must still be free when the
// service starts. https://www.iana.org/assignments/service-names-port-numbers has little there that anybody runs.
const from = 20_000;
const to = 32_768;

/** A port of 127.0.0.1 that is free now and was not given to anybody else lately. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(randomInt(from, to));
    if (port === null || given.has(port)) continue;
    given.add(port);
    if (given.size > 1000) given.delete(given.values().next().value ?? 0);
    return port;
  }
}

export const isFree = async (port: number) => (await listenOnce(port)) !== null;

const listenOnce = (port: number) =>
  new Promise<number | null>((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : null));
    });
  });

/** Where a process listens that others than this machine could reach, as `address:port`. Linux only; empty elsewhere. */
export async function nonLoopbackListeners(pid: number): Promise<string[]> {
  const links = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const sockets = new Set<string>();
  for (const link of links) {
    const inode = /^socket:\[(\d+)\]$/.exec(await readlink(`/proc/${pid}/fd/${link}`).catch(() => ""))?.[1];
    if (inode) sockets.add(inode);
  }
  if (sockets.size === 0) return [];
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "latin1").catch(() => "")),
  );
  return tables.flatMap((table) => listeners(table).flatMap((one) => (sockets.has(one.inode) ? outward(one) : [])));
}

interface Listener {
  address: string;
  port: number;
  inode: string;
}

function listeners(table: string): Listener[] {
  const rows = table.split("\n").slice(1);
  return rows.flatMap((row) => {
    const [, local = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    return state === "0A" ? [{ address, port: Number.parseInt(port, 16), inode }] : [];
  });
}

// Addresses are words in the machine's own byte order: 127.0.0.1 reads 0100007F.
const loopbacks = [/^[0-9A-F]{6}7F$/, /^0{24}01000000$/, /^0{16}FFFF0000[0-9A-F]{6}7F$/];
const outward = ({ address, port }: Listener) =>
  loopbacks.some((one) => one.test(address))
    ? []
    : [`${/^0+$/.test(address) ? "every address" : address}, port ${port}`];
