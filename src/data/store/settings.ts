import type { Settings } from "../../settings.ts";
import type { Db } from "../db.ts";
import { eq, sql } from "../drizzle.ts";
import { settings } from "../schema.ts";

export type SettingsRow = typeof settings.$inferSelect;

/** Prepares a lookup of a repository's saved settings, by `host/owner/repo`; undefined if none are saved. */
export function settingsFinder(db: Db) {
  const find = db
    .select()
    .from(settings)
    .where(eq(settings.repo, sql.placeholder("repo")))
    .prepare();
  return (repo: string): SettingsRow | undefined => find.get({ repo: repo.toLowerCase() });
}

export function writeSettings(db: Db, repo: string, saved: Settings, by: string, at: Date): void {
  const row = { repo: repo.toLowerCase(), settings: saved, by, at };
  db.insert(settings).values(row).onConflictDoUpdate({ target: settings.repo, set: row }).run();
}
