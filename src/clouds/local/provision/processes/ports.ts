import { randomInt } from "node:crypto";
import { readdir, readFile, readlink } from "node:fs/promises";
import { connect, createServer } from "node:net";

const recentPorts = new Set<number>();

// Below the ephemeral ports of outgoing connections: a port that a build learns must still be free when the service
// starts. https://www.iana.org/assignments/service-names-port-numbers lists few services in this range.
const minPort = 20_000;
const maxPort = 32_768;

/** Returns a port of 127.0.0.1 that is free and was not returned recently. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await listenOnce(randomInt(minPort, maxPort));
    if (port === null || recentPorts.has(port)) continue;
    recentPorts.add(port);
    if (recentPorts.size > 1000) recentPorts.delete(recentPorts.values().next().value ?? 0);
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

export const acceptsConnections = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1000 });
    const finish = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once("connect", () => finish(true));
    for (const event of ["error", "timeout"]) socket.once(event, () => finish(false));
  });

export interface Listener {
  address: string;
  port: number;
  inode: string;
}

/** Returns the TCP sockets on which a process listens. Linux only; empty elsewhere. */
export async function listenersOf(pid: number): Promise<Listener[]> {
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
  return tables.flatMap(listeners).filter(({ inode }) => sockets.has(inode));
}

/** Returns where a process listens beyond loopback, as text for a message. Linux only; empty elsewhere. */
export const nonLoopbackListeners = async (pid: number): Promise<string[]> =>
  (await listenersOf(pid)).filter((listener) => !isLoopback(listener)).map(describe);

function listeners(table: string): Listener[] {
  const rows = table.split("\n").slice(1);
  return rows.flatMap((row) => {
    const [, localAddress = "", , state, , , , , , inode = ""] = row.trim().split(/\s+/);
    const [address = "", port = ""] = localAddress.split(":");
    const listening = "0A";
    return state === listening ? [{ address, port: Number.parseInt(port, 16), inode }] : [];
  });
}

// Addresses are words in the machine's byte order: 127.0.0.1 reads 0100007F.
const loopbackAddresses = [/^[0-9A-F]{6}7F$/, /^0{24}01000000$/, /^0{16}FFFF0000[0-9A-F]{6}7F$/];
const isLoopback = ({ address }: Listener) => loopbackAddresses.some((pattern) => pattern.test(address));

const describe = ({ address, port }: Listener) => `${/^0+$/.test(address) ? "every address" : address}, port ${port}`;
