import type { Db } from "../db.ts";
import { desc, eq, inArray, sql } from "../drizzle.ts";
import { blocks } from "../schema.ts";

export type Block = typeof blocks.$inferSelect;

/** `github.com/o/r` in lower case, or without `/r` for everything of that owner. */
export function blockFinder(db: Db) {
  const find = db
    .select()
    .from(blocks)
    .where(inArray(blocks.name, [sql.placeholder("repo"), sql.placeholder("owner")]))
    .limit(1)
    .prepare();
  /** What blocks a repository, by `host/owner/repo`. */
  return (repo: string): Block | undefined => {
    const name = repo.toLowerCase();
    return find.get({ repo: name, owner: name.slice(0, name.lastIndexOf("/")) });
  };
}

/** The newest first. */
export const allBlocks = (db: Db) => db.select().from(blocks).orderBy(desc(blocks.at)).all();

export const writeBlock = (db: Db, block: Block) =>
  db.insert(blocks).values(block).onConflictDoUpdate({ target: blocks.name, set: block }).run();

/** Says whether there was one. */
export const deleteBlock = (db: Db, name: string): boolean =>
  db.delete(blocks).where(eq(blocks.name, name.toLowerCase())).run().changes > 0;
