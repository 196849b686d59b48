import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";

/**
 * Locks a data folder against other processes until release or exit, a kill included.
 * Throws if another process holds the lock.
 */
export function lockDataDir(dataDir: string): { release(): void } {
  checkWritable(dataDir);
  const lock = new Sqlite(join(dataDir, "lock.db"), { timeout: 0 });
  try {
    lock.pragma("locking_mode = EXCLUSIVE");
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    throw new Error(`Another Slipway is using ${dataDir}: stop it, or set DATA_DIR to another folder`, {
      cause: error,
    });
  }
  return { release: () => lock.close() };
}

/** Files from before that others could read; a database also has its log and index beside it. */
const privateFiles = ["slipway.db", "slipway.db-wal", "slipway.db-shm", "lock.db", "secret", "oidc-keys.json", "token"];

/** Creates the folder and restricts its files to this user. Throws an error that names the folder and what to do. */
function checkWritable(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const name of privateFiles) {
      const file = join(dataDir, name);
      if (existsSync(file) && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "no reason given";
    const user = process.getuid?.();
    throw new Error(
      `Slipway cannot write to its data folder ${dataDir} (${code}): give it to ${user === undefined ? "its user" : `user ${user}`}, or set DATA_DIR to another folder`,
      { cause: error },
    );
  }
}

/** Returns whether the last process left deployments unfinished; true if the file cannot be read. */
export function hasUnfinishedDeployments(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const db = new Sqlite(file, { readonly: true });
    const row = db.prepare("SELECT 1 FROM deployments WHERE state IN ('running', 'removing') LIMIT 1").get();
    db.close();
    return row !== undefined;
  } catch {
    return true;
  }
}
