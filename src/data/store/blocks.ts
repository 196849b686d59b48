import type { Db } from "../db.ts";
import { eq } from "../drizzle.ts";
import { blocks } from "../schema.ts";

export type Block = typeof blocks.$inferSelect;

export interface Blocks {
  /** What blocks a repository, by `host/owner/repo`: itself, or all of its owner's. */
  of(repo: string): Block | undefined;
  /** The newest first. */
  all(): Block[];
  /** By `github.com/o/r`, or without `/r` for everything of that owner, in lower case. */
  put(block: Block): void;
  remove(name: string): void;
}

/** The block list. It is short and asked about all the time, so it is kept in memory, too. */
export function storedBlocks(db: Db): Blocks {
  const known = new Map(
    db
      .select()
      .from(blocks)
      .all()
      .map((block) => [block.name, block]),
  );
  return {
    of(repo) {
      if (known.size === 0) return undefined;
      const name = repo.toLowerCase();
      return known.get(name) ?? known.get(name.slice(0, name.lastIndexOf("/")));
    },
    all: () => [...known.values()].sort((a, b) => b.at.getTime() - a.at.getTime()),
    put(block) {
      db.insert(blocks).values(block).onConflictDoUpdate({ target: blocks.name, set: block }).run();
      known.set(block.name, block);
    },
    remove(name) {
      db.delete(blocks).where(eq(blocks.name, name)).run();
      known.delete(name);
    },
  };
}
