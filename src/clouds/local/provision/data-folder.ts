import { randomUUID } from "node:crypto";
import { chown, mkdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RunContext } from "./run-context.ts";

export interface User {
  uid: number;
  gid: number;
}

/** Returns the user PostgreSQL runs as when Slipway runs as root, which it refuses; null: the current user. */
export async function unprivilegedUser(): Promise<User | null> {
  if (process.getuid?.() !== 0) return null;
  const entries = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const entry = ["postgres", "_postgres", "nobody"]
    .map((name) => entries.find(([user]) => user === name))
    .find((candidate) => candidate !== undefined);
  return { uid: Number(entry?.[2] ?? 65534), gid: Number(entry?.[3] ?? 65534) };
}

/** Returns a folder for a resource's files: in the deployment's own, or one that the unprivileged user can reach. */
export async function dataFolderFor({ folders, run }: RunContext, step: string, user: User | null): Promise<string> {
  if (!user) return join(folders.root, "resources", step);
  const shared = (await canReach(tmpdir(), user)) ? tmpdir() : "/tmp";
  return join(shared, `slipway-${run.id}-${step}-${randomUUID()}`);
}

/** Creates the folder, accessible to its user only. */
export async function createDataFolder(folder: string, user: User | null) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
}

async function canReach(folder: string, { uid, gid }: User): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & bit) !== 0 && (dirname(folder) === folder || (await canReach(dirname(folder), { uid, gid })));
}
