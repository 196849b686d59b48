import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Db } from "./db.ts";

/** Room that must be left: an order and its first events are much smaller. */
const probeBytes = 256_000;
/** How long a result is reused, so that the check costs no more however often it is requested. */
const freshMs = 5_000;

/** Creates a check that writes to the disk of the database and returns the error; null if it can be written. */
export function createStorageCheck(db: Db, now: () => number): () => unknown {
  let checkedAt = Number.NEGATIVE_INFINITY;
  let problem: unknown = null;
  return () => {
    if (now() - checkedAt < freshMs) return problem;
    checkedAt = now();
    problem = findProblem(db);
    return problem;
  };
}

function findProblem({ $client: client }: Db): unknown {
  try {
    // Takes the write lock, which a read-only database refuses.
    if (!client.inTransaction) client.exec("BEGIN IMMEDIATE; ROLLBACK");
    if (client.memory) return null;
    const file = join(dirname(client.name), "storage-check");
    try {
      writeFileSync(file, Buffer.alloc(probeBytes, 1), { mode: 0o600, flush: true });
    } finally {
      rmSync(file, { force: true });
    }
    return null;
  } catch (error) {
    if (client.inTransaction) client.exec("ROLLBACK");
    return error;
  }
}
