import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { local } from "../../../src/clouds/local/index.ts";
import { findPostgres, findProgram } from "../../../src/clouds/local/programs.ts";
import { belongsTo } from "../../../src/clouds/local/provision/processes/detached-process.ts";
import { processes, processTree } from "../../../src/clouds/local/provision/processes/process-table.ts";
import type { PeerModule } from "../peer.ts";

const words = "cannot execute: Resource temporarily unavailable";

/** This machine, with programs that can be refused in front of its own on the PATH. */
export const localPeer: PeerModule = {
  name: "This machine",
  databasePrograms: ["postgres"],
  async start() {
    const folder = mkdtempSync(join(tmpdir(), "slipway-peer-"));
    const [dataDir, bin, refusals] = ["data", "bin", "refusals"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const log = join(folder, "log");
    for (const name of [dataDir, bin, refusals]) mkdirSync(name);
    writeFileSync(log, "");
    // PostgreSQL runs as another user.
    chmodSync(folder, 0o755);
    for (const name of [log, refusals]) chmodSync(name, 0o777);
    const path = process.env.PATH ?? "";
    const postgres = findPostgres(path);
    const programs = [
      ...["date", "env"].map((name) => findProgram(name, path, ["/usr/bin", "/bin"])),
      ...(postgres ? ["initdb", "postgres"].map((name) => join(postgres, name)) : []),
    ].filter((program) => program !== null);
    for (const program of programs) {
      const name = program.slice(dirname(program).length + 1);
      const script = `#!/bin/sh
echo ${name} >>${log}
if rm ${join(refusals, name)} 2>/dev/null; then
  echo "${name}: ${words}" >&2
  exit 126
fi
exec ${program} "$@"
`;
      writeFileSync(join(bin, name), script, { mode: 0o755 });
    }
    const machine = local({ dataDir, path: `${bin}${delimiter}${path}`, environment: process.env });
    const ids = new Set<string>();
    const list = (name: string) => {
      try {
        return readdirSync(name);
      } catch {
        return [];
      }
    };

    return {
      cloud: {
        ...machine,
        provision(run) {
          ids.add(run.id);
          return machine.provision(run);
        },
      },
      grant: async () => ({}),
      requests: () => readFileSync(log, "utf8").split("\n").filter(Boolean),
      refuse(request) {
        writeFileSync(join(refusals, request), "");
        return `${request}: ${words}`;
      },
      async inventory() {
        const all = await processes();
        const folders = list(join(dataDir, "local"));
        const running = [...ids].flatMap((id) => {
          const tree = processTree(all, belongsTo(id));
          // The helpers of a command that has ended may outlive it by seconds, but not a removal.
          const leaders = folders.includes(id) ? tree.filter(({ pid, session }) => pid === session) : tree;
          return leaders.map(({ marker, args }) => `process ${marker || args.join(" ")}`);
        });
        const outside = [...new Set([tmpdir(), "/tmp"])].flatMap((parent) =>
          list(parent).filter((name) => [...ids].some((id) => name.startsWith(`slipway-${id}-`))),
        );
        return [
          ...running,
          ...folders.map((name) => `folder ${name}`),
          ...outside.map((name) => `folder ${name.replace(/-[0-9a-f-]{36}$/, "")}`),
        ].sort();
      },
      credentials: () => [],
      async end() {
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  },
};
