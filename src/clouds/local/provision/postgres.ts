import { existsSync } from "node:fs";
import { chown, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { OperationalError } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import { findPostgres } from "../programs.ts";
import { createDataFolder, dataFolderFor, unprivilegedUser } from "./data-folder.ts";
import { portOf } from "./environment.ts";
import { shell, statusOf } from "./processes/detached-process.ts";
import { ensureRunning, processFiles } from "./processes/ensure-running.ts";
import { runToCompletion } from "./processes/run-command.ts";
import { untilReady } from "./processes/wait-until-ready.ts";
import { markerOf, type RunContext } from "./run-context.ts";

// The single-user mode needs neither a port nor a password.
const initialise = `"$BIN/initdb" --pgdata=data.part --username=app --pwfile=password --auth=scram-sha-256 \\
  --encoding=UTF8 --no-locale --no-instructions &&
echo 'CREATE DATABASE app' | "$BIN/postgres" --single -D data.part postgres >/dev/null`;

/** A PostgreSQL of its own, on loopback, with a password; the database and its owner are called `app`. */
export const postgres = (setting: RunContext, step: string): ExecutableStep => ({
  name: step,
  dependsOn: [],
  recheckOnResume: true,
  async *execute(hand) {
    const { machine, run, hide } = setting;
    const programs = findPostgres(machine.path);
    if (!programs)
      throw new OperationalError("PostgreSQL is not installed on this machine.", "Install it, then try again.");
    const user = await unprivilegedUser();
    const place = String(hand.data.place ?? (await dataFolderFor(setting, step, user)));
    if (hand.data.of !== hand.data.attempt)
      yield { data: { place, of: hand.data.attempt ?? 0, began: machine.now(), offset: 0, inside: false } };
    await createDataFolder(place, user);

    const env = { PATH: `${programs}:/usr/bin:/bin`, HOME: place, LANG: "C", BIN: programs };
    const marker = markerOf(setting, step);
    const common = { cwd: place, env, user };
    const data = join(place, "data");
    if (!existsSync(data)) {
      const files = join(place, `initdb.${hand.data.attempt}`);
      const password = join(place, "password");
      if ((await statusOf(files)).is === "absent") {
        await rm(`${data}.part`, { recursive: true, force: true });
        await writeFile(password, run.deriveSecret(step), { mode: 0o600 });
        if (user) await chown(password, user.uid, user.gid);
      }
      const task = { what: "Setting up PostgreSQL", seconds: machine.limits.jobSeconds, folder: null, hide };
      yield* runToCompletion(machine, hand, { ...common, marker, files, argv: shell(initialise) }, task);
      await rm(password, { force: true });
      await rename(`${data}.part`, data);
    }

    const base = join(place, "server");
    yield* ensureRunning(hand, { marker, base, limits: machine.limits, listens: true }, (port) => ({
      ...common,
      argv: [join(programs, "postgres"), "-D", data, "-p", `${port}`, ...settings],
    }));
    const isReady = async () =>
      (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).includes("\nready");
    await untilReady("PostgreSQL", { files: processFiles(base, hand.data), hide, signal: hand.signal }, isReady);
    return `PostgreSQL listens on 127.0.0.1:${portOf(hand.data)}`;
  },
});

const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];
