import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";

/**
 * Keeps other processes out of a data folder for as long as this one lives; the system lets go when it is killed.
 * Throws when another one is in it.
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

/** Whether the last process left deployments in the middle; when the file cannot tell, it is to be opened, too. */
export function hasUnfinishedDeployments(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    const db = new Sqlite(file, { readonly: true });
    const found = db.prepare("SELECT 1 FROM deployments WHERE state IN ('running', 'removing') LIMIT 1").get();
    db.close();
    return found !== undefined;
  } catch {
    return true;
  }
}
