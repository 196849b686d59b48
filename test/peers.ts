import { test } from "vitest";
import { find, findPostgres, findRedis } from "../src/clouds/local/programs.ts";

const path = process.env.PATH ?? "";

interface Peer {
  name: string;
  there(): boolean;
  install: string;
}

/** Programs that a test may need and a machine may lack. */
const peers = {
  postgres: {
    name: "PostgreSQL",
    there: () => findPostgres(path) !== null,
    install: "sudo apt install postgresql, or brew install postgresql",
  },
  redis: {
    name: "Redis",
    there: () => findRedis(path) !== null,
    install: "sudo apt install redis-server, or brew install redis",
  },
  python: {
    name: "Python 3",
    there: () => find("python3", path) !== null,
    install: "sudo apt install python3-venv, or brew install python",
  },
  proc: {
    name: "Linux",
    there: () => process.platform === "linux",
    install: "run it on Linux or in a container",
  },
  root: {
    name: "root",
    there: () => process.getuid?.() === 0,
    install: "run it with sudo or in a container",
  },
} satisfies Record<string, Peer>;

/** `test`, or where a program is missing a skipped test whose name says which one, and how to get it. */
export function needs(...names: (keyof typeof peers)[]) {
  const missing = names.map((name) => peers[name]).filter((peer) => !peer.there());
  return (name: string, body: () => Promise<void>, timeout?: number) => {
    if (missing.length === 0) return test(name, body, timeout);
    const reason = missing.map((peer) => `${peer.name} is missing: ${peer.install}`).join("; ");
    console.warn(`Skipped: ${name} (${reason})`);
    return test.skip(`${name} (${reason})`, body);
  };
}
