import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import { drizzle, migrate } from "./drizzle.ts";

export type Db = ReturnType<typeof openDb>;

/** Opens the database file (or `:memory:`) and applies the migrations. One process at a time writes to it. */
export function openDb(file: string) {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const client = new Sqlite(file);
  client.pragma("journal_mode = WAL");
  // A power cut may lose the last transactions; a killed process loses none.
  client.pragma("synchronous = NORMAL");
  client.pragma("foreign_keys = ON");
  client.pragma("busy_timeout = 5000");
  const db = drizzle(client);
  migrate(db, { migrationsFolder: new URL("../../migrations", import.meta.url).pathname });
  return db;
}
