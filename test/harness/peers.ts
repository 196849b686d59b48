import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "vitest";

interface Peer {
  name: string;
  /** Any of these will do; what is no program is `there` or not. */
  programs?: string[];
  there?: boolean;
  install: string;
  /** One of Debian's packages, which `.ci/run` installs. */
  installable?: boolean;
}

// What tests talk to for real and a machine may lack, and what installs it.
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
  proc: { name: "Linux", there: process.platform === "linux", install: "run it on Linux or in a container" },
  root: { name: "root", there: process.getuid?.() === 0, install: "run it with sudo or in a container" },
} satisfies Record<string, Peer>;
export type PeerName = keyof typeof peers;

const versions = "/usr/lib/postgresql";
const folders = [
  ...(process.env.PATH ?? "").split(delimiter),
  ...(existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, "bin")) : []),
];

/** Where a peer's program is; undefined when this machine has none. */
export function programOf(name: PeerName): string | undefined {
  const { programs = [] }: Peer = peers[name];
  return folders.flatMap((folder) => programs.map((program) => join(folder, program))).find(existsSync);
}

const isThere = (name: PeerName) => (peers[name] as Peer).there ?? programOf(name) !== undefined;

/** `test`, for what needs these peers: skipped by name, with the reason and the cure, where one is missing. */
export function needs(...wanted: PeerName[]) {
  const missing = wanted.filter((name) => !isThere(name)).map((name): Peer => peers[name]);
  const cure = missing.map(({ name, install }) => `${name} is missing: ${install}`).join("; ");
  // Where `.ci/run` has installed what Debian has, a skip would hide that it did not.
  const required = process.env.PEERS === "required" && missing.some(({ installable }) => installable);
  return (name: string, run: () => Promise<void>, timeout?: number) => {
    if (missing.length === 0) return test(name, run, timeout);
    if (!required) return test.skip(`${name} (${cure})`, run);
    return test(name, () => {
      throw new Error(cure);
    });
  };
}
