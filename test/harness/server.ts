import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processesBelow } from "../clouds/local/leftover-processes.ts";

const root = join(import.meta.dirname, "../..");

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

export interface Served {
  origin: string;
  output: () => string;
  /** Ends the process and waits until it is gone. */
  end: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** The real server, started as `npm start` does, on the same port and data each time it is started again. */
export async function serve({
  port,
  dataDir,
  env = {},
}: {
  port: number;
  dataDir: string;
  env?: Record<string, string>;
}): Promise<Served> {
  const around = Object.entries(process.env).filter(([name]) =>
    /^(?:PATH|HOME|NODE_EXTRA_CA_CERTS|npm_config_.*)$/.test(name),
  );
  const child: ChildProcess = spawn(process.execPath, ["start.js"], {
    cwd: root,
    env: { ...Object.fromEntries(around), PORT: String(port), DATA_DIR: dataDir, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const gone = once(child, "exit");
  const origin = `http://127.0.0.1:${port}`;
  const up = async (): Promise<void> => {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${output}`);
    const answer = await fetch(`${origin}/up`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return up();
  };
  await up();
  return {
    origin,
    output: () => output,
    async end(signal = "SIGTERM") {
      child.kill(signal);
      await gone;
      return child.exitCode;
    },
  };
}

/** A data folder for one test, and how to be rid of it. */
export function dataFolder() {
  const dataDir = mkdtempSync(join(tmpdir(), "slipway-test-"));
  return {
    dataDir,
    /** Also ends what a test that failed has left running, so that it is not there for ever. */
    dispose() {
      for (const pid of processesBelow(dataDir)) process.kill(pid, "SIGKILL");
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
