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

export interface TestServer {
  origin: string;
  output: () => string;
  /** Ends the process and waits until it is gone. */
  end: (signal?: NodeJS.Signals) => Promise<number | null>;
}

/** Starts the real server as `npm start` does; a restart may use the same port and data. */
export async function serve({
  port,
  dataDir,
  env = {},
}: {
  port: number;
  dataDir: string;
  env?: Record<string, string>;
}): Promise<TestServer> {
  const inherited = Object.entries(process.env).filter(([name]) =>
    /^(?:PATH|HOME|NODE_EXTRA_CA_CERTS|npm_config_.*)$/.test(name),
  );
  const child: ChildProcess = spawn(process.execPath, ["start.js"], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), PORT: String(port), DATA_DIR: dataDir, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const exited = once(child, "exit");
  const origin = `http://127.0.0.1:${port}`;
  const waitUntilUp = async (): Promise<void> => {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${output}`);
    const answer = await fetch(`${origin}/up`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return waitUntilUp();
  };
  await waitUntilUp();
  return {
    origin,
    output: () => output,
    async end(signal = "SIGTERM") {
      child.kill(signal);
      await exited;
      return child.exitCode;
    },
  };
}

/** Creates a data folder for one test, with its cleanup. */
export function createDataDir() {
  const dataDir = mkdtempSync(join(tmpdir(), "slipway-test-"));
  return {
    dataDir,
    /** Also kills processes that a failed test left running. */
    dispose() {
      for (const pid of processesBelow(dataDir)) process.kill(pid, "SIGKILL");
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
