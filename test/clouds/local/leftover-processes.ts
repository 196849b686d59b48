import { existsSync, readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

/** The processes of deployments with this in their environment. Linux tells; elsewhere none is seen. */
function marked(text: string): number[] {
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

export const processesOf = (deployment: string) => marked(`SLIPWAY_PROCESS=${deployment}/`);

/** Those of every deployment whose server keeps its data in this folder. */
export const processesBelow = (dataDir: string) => marked(`HOME=${dataDir}/`);

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
