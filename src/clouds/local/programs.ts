import { accessSync, constants, globSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** PATH as folders, without the ones npm puts in front for its own scripts: they are ours, not the app's. */
export const pathFolders = (path: string) =>
  path
    .split(delimiter)
    .filter((folder) => folder.startsWith("/") && !/node_modules\/\.bin$|node-gyp-bin$/.test(folder));

/** Where a program is: on the PATH, or in other usual folders. null when it is nowhere. */
export function findProgram(program: string, path: string, elsewhere: string[] = []): string | null {
  const all = [...pathFolders(path), ...elsewhere];
  return all.map((folder) => join(folder, program)).find(isProgram) ?? null;
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Debian, Red Hat and Homebrew keep the server programs off the PATH. */
const postgresHomes = [
  "/usr/lib/postgresql/*/bin",
  "/usr/pgsql-*/bin",
  "/opt/homebrew/opt/postgresql*/bin",
  "/usr/local/opt/postgresql*/bin",
];

/** The folder that holds both `postgres` and `initdb`; the newest of those off the PATH. */
export function findPostgres(path: string, elsewhere = postgresHomes): string | null {
  const newestFirst = (a: string, b: string) => b.localeCompare(a, "en", { numeric: true });
  const all = [...pathFolders(path), ...globSync(elsewhere).sort(newestFirst)];
  return all.find((folder) => ["postgres", "initdb"].every((name) => isProgram(join(folder, name)))) ?? null;
}

export const findRedis = (path: string) =>
  findProgram("redis-server", path, ["/opt/homebrew/bin", "/usr/local/bin"]) ??
  findProgram("valkey-server", path, ["/opt/homebrew/bin", "/usr/local/bin"]);
