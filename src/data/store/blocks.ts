import type { Db } from "../db.ts";
import { eq } from "../drizzle.ts";
import { blocks } from "../schema.ts";

export type Block = typeof blocks.$inferSelect;

export interface Blocks {
  /** Returns the block of a repository, by `host/owner/repo`, or of its owner. */
  of(repo: string): Block | undefined;
  /** Newest first. */
  all(): Block[];
  /** By `github.com/o/r`, or `github.com/o` for all of an owner's repositories, in lower case. */
  put(block: Block): void;
  remove(name: string): void;
}

/** Creates the block list. It is short and read on every request, so it is also held in memory. */
export function storedBlocks(db: Db): Blocks {
  const byName = new Map(
    db
      .select()
      .from(blocks)
      .all()
      .map((block) => [block.name, block]),
  );
  return {
    of(repo) {
      if (byName.size === 0) return undefined;
      const name = repo.toLowerCase();
      return byName.get(name) ?? byName.get(name.slice(0, name.lastIndexOf("/")));
    },
    all: () => [...byName.values()].sort((a, b) => b.at.getTime() - a.at.getTime()),
    put(block) {
      db.insert(blocks).values(block).onConflictDoUpdate({ target: blocks.name, set: block }).run();
      byName.set(block.name, block);
    },
    remove(name) {
      db.delete(blocks).where(eq(blocks.name, name)).run();
      byName.delete(name);
    },
  };
}
