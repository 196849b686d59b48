import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { findPostgres, findProgram } from "../../../src/clouds/local/programs.ts";

const words = "cannot execute: Resource temporarily unavailable";

/** Creates programs to put in front of the machine's own on the PATH: each records that it was started, and may be refused. */
export function createRefusablePrograms(folder: string, path: string) {
  const [bin, refusals, log] = [join(folder, "bin"), join(folder, "refusals"), join(folder, "started")];
  for (const name of [bin, refusals]) mkdirSync(name);
  writeFileSync(log, "");
  // PostgreSQL runs as another user.
  for (const name of [log, refusals]) chmodSync(name, 0o777);
  const postgres = findPostgres(path);
  const programs = [
    // A refused service would be started again, so only a job's program can be refused for good.
    findProgram("uname", path, ["/usr/bin", "/bin"]),
    ...(postgres ? ["initdb", "postgres"].map((name) => join(postgres, name)) : []),
  ].filter((program) => program !== null);
  for (const program of programs) {
    const name = basename(program);
    const script = `#!/bin/sh
echo ${name} >>'${log}'
if rm '${join(refusals, name)}' 2>/dev/null; then
  echo "${name}: ${words}" >&2
  exit 126
fi
exec '${program}' "$@"
`;
    writeFileSync(join(bin, name), script, { mode: 0o755 });
  }
  return {
    bin,
    /** Returns the name of every program started so far. */
    started: () => readFileSync(log, "utf8").split("\n").filter(Boolean),
    /** Refuses the next start of a program. Returns the machine's words. */
    refuse(name: string) {
      writeFileSync(join(refusals, name), "");
      return `${name}: ${words}`;
    },
  };
}
