import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Sqlite from "better-sqlite3";
import { drizzle, migrate } from "./drizzle.ts";

export type Db = ReturnType<typeof openDb>;

/** Opens the database file (or `:memory:`), brought up to date. One process at a time writes to it. */
export function openDb(file: string) {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const client = new Sqlite(file);
  client.pragma("journal_mode = WAL");
  // A power cut may lose the last transactions, a killed process never does.
  client.pragma("synchronous = NORMAL");
  client.pragma("foreign_keys = ON");
  client.pragma("busy_timeout = 5000");
  const db = drizzle(client);
  migrate(db, { migrationsFolder: new URL("../migrations", import.meta.url).pathname });
  return db;
}

/**
 * Keeps other processes out of a data folder for as long as this one lives; the system lets go when it is killed.
 * Throws when another one is in it.
 */
export function holdDataDir(dataDir: string): { release(): void } {
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
