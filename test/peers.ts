import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type TestOptions, test } from "vitest";

// What tests talk to for real, where it may lie, and what installs it.
const peers = {
  chromium: { programs: ["chromium", "chromium-browser", "google-chrome"], install: "apt install chromium" },
  postgres: { programs: ["initdb"], install: "apt install postgresql" },
  redis: { programs: ["redis-server", "valkey-server"], install: "apt install redis-server" },
  "cfn-lint": { programs: ["cfn-lint"], install: "pip install cfn-lint" },
  moto: { programs: ["moto_server"], install: "pip install 'moto[server]'" },
};
export type Peer = keyof typeof peers;

/** Debian's packages are what `.ci/run` installs, so with PEERS=required a missing one fails instead of skipping. */
const installable: Peer[] = ["chromium", "postgres", "redis"];

const versions = "/usr/lib/postgresql";
const folders = [
  ...(process.env.PATH ?? "").split(delimiter),
  ...(existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, "bin")) : []),
];

/** Where a peer's program is; undefined when this machine has none. */
export const programOf = (peer: Peer): string | undefined =>
  folders.flatMap((folder) => peers[peer].programs.map((program) => join(folder, program))).find(existsSync);

/** `test`, for what needs these peers: it is skipped by name, with the reason and the cure, where one is missing. */
export function needs(...wanted: Peer[]) {
  const missing = wanted.filter((peer) => programOf(peer) === undefined);
  const required = process.env.PEERS === "required" && missing.some((peer) => installable.includes(peer));
  return (name: string, options: TestOptions, run: () => Promise<void>) => {
    if (missing.length === 0) return test(name, options, run);
    const cure = missing.map((peer) => `${peer} (${peers[peer].install})`).join(", ");
    const full = `${name} [needs ${cure}]`;
    if (!required) return test.skip(full, options, run);
    return test(full, () => {
      throw new Error(`Installed by .ci/run, yet not found: ${cure}`);
    });
  };
}
