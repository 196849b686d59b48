import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";

/**
 * Locks a data folder against other processes until release or exit, a kill included.
 * Throws if another process holds the lock.
 */
export function lockDataDir(dataDir: string): { release(): void } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
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
