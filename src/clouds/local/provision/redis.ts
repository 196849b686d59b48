import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { OperationalError } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import { findRedis } from "../programs.ts";
import { createDataFolder, dataFolderFor } from "./data-folder.ts";
import { portOf } from "./environment.ts";
import { ensureRunning, processFiles } from "./processes/ensure-running.ts";
import { waitUntilReady } from "./processes/wait-until-ready.ts";
import { markerOf, type RunContext } from "./run-context.ts";

/** Starts a Redis or Valkey for this app alone, on loopback, with a password; it persists to its folder. */
export const redisStep = (context: RunContext, name: string): ExecutableStep => ({
  name,
  dependsOn: [],
  recheckOnResume: true,
  async *execute(stepContext) {
    const { machine, run, hide } = context;
    const program = findRedis(machine.path);
    if (!program) throw new OperationalError("Redis is not installed on this machine.", "Install it, then try again.");
    const folder = String(stepContext.data.place ?? (await dataFolderFor(context, name, null)));
    if (stepContext.data.place === undefined) yield { data: { place: folder } };
    await createDataFolder(folder, null);

    const password = run.deriveSecret(name);
    const base = join(folder, "server");
    const daemon = { marker: markerOf(context, name), base, limits: machine.limits, listens: true };
    yield* ensureRunning(stepContext, daemon, (port) => {
      const config = join(folder, "redis.conf");
      // In a file, because every user of this machine can read the arguments of a process.
      writeFileSync(config, configuration(port, password), { mode: 0o600 });
      return { cwd: folder, env: { PATH: "/usr/bin:/bin", HOME: folder, LANG: "C" }, argv: [program, config] };
    });
    const port = portOf(stepContext.data);
    const files = processFiles(base, stepContext.data);
    await waitUntilReady("Redis", { files, hide, signal: stepContext.signal }, () => ping(port, password));
    return `Redis listens on 127.0.0.1:${port}`;
  },
});

// `dir` is relative to the working directory, because Redis splits configuration lines at spaces.
const configuration = (port: number, password: string) => `bind 127.0.0.1
port ${port}
requirepass ${password}
dir .
save 60 1
appendonly no
daemonize no
`;

const ping = (port: number, password: string) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1000 }, () =>
      socket.write(`AUTH ${password}\r\nPING\r\n`),
    );
    let response = "";
    const finish = () => {
      socket.destroy();
      resolve(response.startsWith("+OK\r\n+PONG"));
    };
    socket.on("data", (bytes) => {
      response += bytes.toString("latin1");
      if (response.includes("PONG") || response.startsWith("-")) finish();
    });
    for (const event of ["error", "timeout", "close"]) socket.once(event, finish);
  });
