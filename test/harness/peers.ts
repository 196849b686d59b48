import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "vitest";

interface Peer {
  name: string;
  /** Any of these programs; a peer that is not a program sets `isAvailable`. */
  programs?: string[];
  isAvailable?: boolean;
  install: string;
  /** One of Debian's packages, which `.ci/run` installs. */
  installable?: boolean;
}

// Real programs that tests use and a machine may lack, and how to install them.
const peers = {
  chromium: {
    name: "Chromium",
    programs: ["chromium", "chromium-browser", "google-chrome"],
    install: "apt install chromium",
    installable: true,
  },
  postgres: { name: "PostgreSQL", programs: ["initdb"], install: "apt install postgresql", installable: true },
  redis: {
    name: "Redis",
    programs: ["redis-server", "valkey-server"],
    install: "apt install redis-server",
    installable: true,
  },
  openssl: { name: "OpenSSL", programs: ["openssl"], install: "apt install openssl", installable: true },
  jq: { name: "jq", programs: ["jq"], install: "apt install jq", installable: true },
  asciidoctor: {
    name: "Asciidoctor",
    programs: ["asciidoctor"],
    install: "apt install asciidoctor",
    installable: true,
  },
  docutils: {
    name: "Docutils",
    programs: ["rst2html5", "rst2html5.py"],
    install: "apt install python3-docutils",
    installable: true,
  },
  "cmark-gfm": {
    name: "GitHub's cmark",
    programs: ["cmark-gfm"],
    install: "apt install cmark-gfm",
    installable: true,
  },
  python: { name: "Python 3", programs: ["python3"], install: "apt install python3-venv" },
  "cfn-lint": { name: "cfn-lint", programs: ["cfn-lint"], install: "pip install cfn-lint" },
  moto: { name: "moto", programs: ["moto_server"], install: "pip install 'moto[server]'" },
  proc: { name: "Linux", isAvailable: process.platform === "linux", install: "run it on Linux or in a container" },
  root: { name: "root", isAvailable: process.getuid?.() === 0, install: "run it with sudo or in a container" },
} satisfies Record<string, Peer>;
export type PeerName = keyof typeof peers;

const postgresVersions = "/usr/lib/postgresql";
const folders = [
  ...(process.env.PATH ?? "").split(delimiter),
  ...(existsSync(postgresVersions)
    ? readdirSync(postgresVersions).map((version) => join(postgresVersions, version, "bin"))
    : []),
];

/** Returns the path of a peer's program; undefined if it is not installed. */
export function programOf(name: PeerName): string | undefined {
  const { programs = [] }: Peer = peers[name];
  return folders.flatMap((folder) => programs.map((program) => join(folder, program))).find(existsSync);
}

const hasPeer = (name: PeerName) => (peers[name] as Peer).isAvailable ?? programOf(name) !== undefined;

/** `test` for cases that need these peers: skipped with the reason and the remedy if one is missing. */
export function needs(...names: PeerName[]) {
  const missing = names.filter((name) => !hasPeer(name)).map((name): Peer => peers[name]);
  const instructions = missing.map(({ name, install }) => `${name} is missing: ${install}`).join("; ");
  // `.ci/run` installs Debian's packages, so a skip there would hide a failed install.
  const required = process.env.PEERS === "required" && missing.some(({ installable }) => installable);
  return (name: string, run: () => Promise<void>, timeout?: number) => {
    if (missing.length === 0) return test(name, run, timeout);
    if (!required) return test.skip(`${name} (${instructions})`, run);
    return test(name, () => {
      throw new Error(instructions);
    });
  };
}
