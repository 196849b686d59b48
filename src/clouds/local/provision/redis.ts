import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { OperationalError } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import { findRedis } from "../programs.ts";
import { createDataFolder, dataFolderFor } from "./data-folder.ts";
import { portOf } from "./environment.ts";
import { ensureRunning, processFiles } from "./processes/ensure-running.ts";
import { untilReady } from "./processes/wait-until-ready.ts";
import { markerOf, type RunContext } from "./run-context.ts";

/** A Redis of its own, or a Valkey, on loopback, with a password; what it keeps, it keeps in its folder. */
export const redis = (setting: RunContext, step: string): ExecutableStep => ({
  name: step,
  dependsOn: [],
  recheckOnResume: true,
  async *execute(hand) {
    const { machine, run, hide } = setting;
    const program = findRedis(machine.path);
    if (!program) throw new OperationalError("Redis is not installed on this machine.", "Install it, then try again.");
    const place = String(hand.data.place ?? (await dataFolderFor(setting, step, null)));
    if (hand.data.place === undefined) yield { data: { place } };
    await createDataFolder(place, null);

    const password = run.deriveSecret(step);
    const base = join(place, "server");
    yield* ensureRunning(
      hand,
      { marker: markerOf(setting, step), base, limits: machine.limits, listens: true },
      (port) => {
        const config = join(place, "redis.conf");
        // In a file, because everybody on this machine can read the arguments of a process.
        writeFileSync(config, configuration(port, password), { mode: 0o600 });
        const env = { PATH: "/usr/bin:/bin", HOME: place, LANG: "C" };
        return { cwd: place, env, argv: [program, config] };
      },
    );
    const port = portOf(hand.data);
    await untilReady("Redis", { files: processFiles(base, hand.data), hide, signal: hand.signal }, () =>
      answers(port, password),
    );
    return `Redis listens on 127.0.0.1:${port}`;
  },
});

// Relative, because Redis splits its lines at spaces: the folder is the one it is started in.
const configuration = (port: number, password: string) => `bind 127.0.0.1
port ${port}
requirepass ${password}
dir .
save 60 1
appendonly no
daemonize no
`;

const answers = (port: number, password: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1000 }, () =>
      socket.write(`AUTH ${password}\r\nPING\r\n`),
    );
    let said = "";
    const end = () => {
      socket.destroy();
      resolve(said.startsWith("+OK\r\n+PONG"));
    };
    socket.on("data", (bytes) => {
      said += bytes.toString("latin1");
      if (said.includes("PONG") || said.startsWith("-")) end();
    });
    for (const event of ["error", "timeout", "close"]) socket.once(event, end);
  });
