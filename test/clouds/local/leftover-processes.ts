import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/** Returns the ids of deployment processes with this text in their environment. Linux only; empty elsewhere. */
function findByEnvironment(text: string): number[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, "latin1");
        return environment.includes("SLIPWAY_PROCESS=") && environment.includes(text);
      } catch {
        return false;
      }
    })
    .map(Number);
}

export const processesOf = (deployment: string) => findByEnvironment(`SLIPWAY_PROCESS=${deployment}/`);

/** Returns those of all deployments of a server with this data folder. */
export const processesBelow = (dataDir: string) => findByEnvironment(`HOME=${dataDir}/`);

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

/** Returns what a removed deployment has left on this machine; compare with `noLeftovers`. */
export const findLeftovers = async (dataDir: string, id: string, url: string | null) => ({
  processes: processesOf(id),
  files: existsSync(join(dataDir, "local", id)) ? readdirSync(join(dataDir, "local", id)) : [],
  listening: url ? await isOpen(url) : false,
});
export const noLeftovers = { processes: [], files: [], listening: false };
