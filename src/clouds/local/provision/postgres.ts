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
import { waitUntilReady } from "./processes/wait-until-ready.ts";
import { markerOf, type RunContext } from "./run-context.ts";

// The single-user mode needs neither a port nor a password.
const initialize = `"$BIN/initdb" --pgdata=data.part --username=app --pwfile=password --auth=scram-sha-256 \\
  --encoding=UTF8 --no-locale --no-instructions &&
echo 'CREATE DATABASE app' | "$BIN/postgres" --single -D data.part postgres >/dev/null`;

const options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="];

/** Starts a PostgreSQL for this app alone, on loopback, with a password; the database and its owner are called `app`. */
export const postgresStep = (context: RunContext, name: string): ExecutableStep => ({
  name,
  dependsOn: [],
  recheckOnResume: true,
  async *execute(stepContext) {
    const { machine, run, hide } = context;
    const { attempt = 0 } = stepContext.data;
    const binFolder = findPostgres(machine.path);
    if (!binFolder)
      throw new OperationalError("PostgreSQL is not installed on this machine.", "Install it, then try again.");
    const user = await unprivilegedUser();
    const folder = String(stepContext.data.place ?? (await dataFolderFor(context, name, user)));
    if (stepContext.data.of !== attempt)
      yield { data: { place: folder, of: attempt, began: machine.now(), offset: 0, inside: false } };
    await createDataFolder(folder, user);

    const env = { PATH: `${binFolder}:/usr/bin:/bin`, HOME: folder, LANG: "C", BIN: binFolder };
    const marker = markerOf(context, name);
    const common = { cwd: folder, env, user };
    const data = join(folder, "data");
    if (!existsSync(data)) {
      const files = join(folder, `initdb.${attempt}`);
      const passwordFile = join(folder, "password");
      if ((await statusOf(files)).status === "absent") {
        await rm(`${data}.part`, { recursive: true, force: true });
        await writeFile(passwordFile, run.deriveSecret(name), { mode: 0o600 });
        if (user) await chown(passwordFile, user.uid, user.gid);
      }
      const task = { subject: "Setting up PostgreSQL", seconds: machine.limits.jobSeconds, folder: null, hide };
      yield* runToCompletion(machine, stepContext, { ...common, marker, files, argv: shell(initialize) }, task);
      await rm(passwordFile, { force: true });
      await rename(`${data}.part`, data);
    }

    const base = join(folder, "server");
    yield* ensureRunning(stepContext, { marker, base, limits: machine.limits, listens: true }, (port) => ({
      ...common,
      argv: [join(binFolder, "postgres"), "-D", data, "-p", `${port}`, ...options],
    }));
    const isReady = async () =>
      (await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "")).includes("\nready");
    const files = processFiles(base, stepContext.data);
    await waitUntilReady("PostgreSQL", { files, hide, signal: stepContext.signal }, isReady);
    return `PostgreSQL listens on 127.0.0.1:${portOf(stepContext.data)}`;
  },
});
