import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/** The processes that belong to a deployment, by the mark in their environment. Linux tells; elsewhere none is seen. */
export function processesOf(deployment: string): number[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(`SLIPWAY_PROCESS=${deployment}/`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export const isOpen = (url: string) =>
  new Promise<boolean>((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

/** What a removed deployment has left on this machine; nothing, we hope. */
export const leftOf = async (dataDir: string, id: string, url: string | null) => ({
  processes: processesOf(id),
  files: existsSync(join(dataDir, "local", id)) ? readdirSync(join(dataDir, "local", id)) : [],
  listening: url ? await isOpen(url) : false,
});
export const nothing = { processes: [], files: [], listening: false };
