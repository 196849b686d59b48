import type { Settings } from "../../settings.ts";
import type { Db } from "../db.ts";
import { eq, sql } from "../drizzle.ts";
import { settings } from "../schema.ts";

export type SettingsRow = typeof settings.$inferSelect;

/** Finds what was set on a repository's page, by `host/owner/repo`; undefined: nothing was. */
export function settingsFinder(db: Db) {
  const find = db
    .select()
    .from(settings)
    .where(eq(settings.repo, sql.placeholder("repo")))
    .prepare();
  return (repo: string): SettingsRow | undefined => find.get({ repo: repo.toLowerCase() });
}

export function writeSettings(db: Db, repo: string, said: Settings, by: string, at: Date): void {
  const row = { repo: repo.toLowerCase(), settings: said, by, at };
  db.insert(settings).values(row).onConflictDoUpdate({ target: settings.repo, set: row }).run();
}
