import { randomUUID } from "node:crypto";
import { chown, mkdir, readFile, stat } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { RunContext } from "./run-context.ts";

export interface User {
  uid: number;
  gid: number;
}

/** Whom PostgreSQL runs as when we are root, as which it refuses to; null: as ourselves. */
export async function unprivilegedUser(): Promise<User | null> {
  if (process.getuid?.() !== 0) return null;
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const account = ["postgres", "_postgres", "nobody"].flatMap((name) => accounts.find((one) => one[0] === name) ?? []);
  return { uid: Number(account[2] ?? 65534), gid: Number(account[3] ?? 65534) };
}

/** Whether this machine knows whom we run as by name: initdb insists. */
export function hasAccount(): boolean {
  try {
    return userInfo().username !== "";
  } catch {
    return false;
  }
}

/** A folder for a resource's files: in the deployment's own, or one that the lesser user can get to. */
export async function dataFolderFor({ folders, run }: RunContext, step: string, user: User | null): Promise<string> {
  if (!user) return join(folders.root, "resources", step);
  const shared = (await canReach(tmpdir(), user)) ? tmpdir() : "/tmp";
  return join(shared, `slipway-${run.id}-${step}-${randomUUID()}`);
}

/** Makes the folder, closed to everybody but its user. */
export async function createDataFolder(place: string, user: User | null) {
  await mkdir(place, { recursive: true, mode: 0o700 });
  if (user) await chown(place, user.uid, user.gid);
}

async function canReach(folder: string, { uid, gid }: User): Promise<boolean> {
  const { mode, uid: owner, gid: group } = await stat(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & bit) !== 0 && (dirname(folder) === folder || (await canReach(dirname(folder), { uid, gid })));
}
