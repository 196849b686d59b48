import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { local } from "../../../src/clouds/local/index.ts";
import { belongsTo } from "../../../src/clouds/local/provision/processes/detached-process.ts";
import { processes, processTree, stop } from "../../../src/clouds/local/provision/processes/process-table.ts";
import type { PeerModule } from "../peer.ts";
import { createRefusablePrograms } from "./refusable-programs.ts";

/** This machine, with programs that can be refused in front of its own on the PATH. */
export const localPeer: PeerModule = {
  name: "This machine",
  databasePrograms: ["postgres"],
  async start() {
    const folder = mkdtempSync(join(tmpdir(), "slipway-peer-"));
    // PostgreSQL runs as another user.
    chmodSync(folder, 0o755);
    const dataDir = join(folder, "data");
    const path = process.env.PATH ?? "";
    const programs = createRefusablePrograms(folder, path);
    const machine = local({ dataDir, path: `${programs.bin}${delimiter}${path}`, environment: process.env });
    const ids = new Set<string>();
    const list = (name: string) => {
      try {
        return readdirSync(name);
      } catch {
        return [];
      }
    };

    /** Databases of a server that runs as root are outside its folder. */
    const dataFolders = () =>
      [...new Set([tmpdir(), "/tmp"])].flatMap((parent) =>
        list(parent).flatMap((name) =>
          [...ids].some((id) => name.startsWith(`slipway-${id}-`)) ? join(parent, name) : [],
        ),
      );

    return {
      cloud: {
        ...machine,
        provision(run) {
          ids.add(run.id);
          return machine.provision(run);
        },
      },
      grant: async () => ({}),
      requests: programs.started,
      refuse: programs.refuse,
      async inventory() {
        const all = await processes();
        const folders = list(join(dataDir, "local"));
        const running = [...ids].flatMap((id) => {
          const tree = processTree(all, belongsTo(id));
          // The helpers of a command that has ended may outlive it by seconds, but not a removal.
          const leaders = folders.includes(id) ? tree.filter(({ pid, session }) => pid === session) : tree;
          return leaders.map(({ marker, args }) => `process ${marker || args.join(" ")}`);
        });
        return [
          ...running,
          ...folders.map((name) => `folder ${name}`),
          ...dataFolders().map((path) => `folder ${basename(path).replace(/-[0-9a-f-]{36}$/, "")}`),
        ].sort();
      },
      credentials: () => [],
      async end() {
        // A failed test may have left some.
        await stop((candidate) => [...ids].some((id) => belongsTo(id)(candidate)), 0);
        for (const outside of dataFolders()) rmSync(outside, { recursive: true, force: true });
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  },
};
