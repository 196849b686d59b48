import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import Sqlite from "better-sqlite3";
import { drizzle, migrate } from "./drizzle.ts";

export type Db = ReturnType<typeof openDb>;

/** Opens the database file (or `:memory:`) and applies the migrations. One process at a time writes to it. */
export function openDb(file: string) {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const client = new Sqlite(file);
  enableIncrementalVacuum(client);
  client.pragma("journal_mode = WAL");
  // A power cut may lose the last transactions; a killed process loses none.
  client.pragma("synchronous = NORMAL");
  client.pragma("foreign_keys = ON");
  client.pragma("busy_timeout = 5000");
  const db = drizzle(client);
  migrate(db, { migrationsFolder: fileURLToPath(new URL("../../migrations", import.meta.url)) });
  return db;
}

/** Lets a sweep give freed pages back to the disk. A database from before is rewritten once, if the disk has room. */
function enableIncrementalVacuum(client: Sqlite.Database): void {
  const incremental = 2;
  if (client.pragma("auto_vacuum", { simple: true }) === incremental) return;
  client.pragma(`auto_vacuum = ${incremental}`);
  const isNew = client.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0;
  if (isNew) return;
  try {
    client.exec("VACUUM");
  } catch (error) {
    // On a full disk the database stays as it is; the next start tries again.
    if (!(error instanceof Sqlite.SqliteError) || error.code !== "SQLITE_FULL") throw error;
  }
}
