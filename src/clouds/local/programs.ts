import { accessSync, constants, globSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hasAccount } from "./user-account.ts";

/** What this machine has. Every call looks again, so a program counts as soon as it is installed. */
export interface Installed {
  has(program: string): boolean;
  hasPostgres(): boolean;
  hasRedis(): boolean;
  /** Whether the user that runs Slipway has an entry in the user database. */
  hasAccount(): boolean;
}

export const installed = (path: string): Installed => ({
  has: (program) => findProgram(program, path) !== null,
  hasPostgres: () => findPostgres(path) !== null,
  hasRedis: () => findRedis(path) !== null,
  hasAccount,
});

/** Returns the folders of PATH without those that npm prepends for its own scripts: they belong to Slipway, not to the app. */
export const pathFolders = (path: string) =>
  path
    .split(delimiter)
    .filter((folder) => folder.startsWith("/") && !/node_modules\/\.bin$|node-gyp-bin$/.test(folder));

/** Returns the path of a program on the PATH or in one of the extra folders; null if absent. */
export function findProgram(program: string, path: string, extraFolders: string[] = []): string | null {
  const folders = [...pathFolders(path), ...extraFolders];
  return folders.map((folder) => join(folder, program)).find(isProgram) ?? null;
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
const postgresFolders = [
  "/usr/lib/postgresql/*/bin",
  "/usr/pgsql-*/bin",
  "/opt/homebrew/opt/postgresql*/bin",
  "/usr/local/opt/postgresql*/bin",
];

/** Returns the folder that holds both `postgres` and `initdb`: on the PATH, else the newest version off it; null if absent. */
export function findPostgres(path: string, patterns = postgresFolders): string | null {
  const newestFirst = (a: string, b: string) => b.localeCompare(a, "en", { numeric: true });
  const folders = [...pathFolders(path), ...globSync(patterns).sort(newestFirst)];
  return folders.find((folder) => ["postgres", "initdb"].every((name) => isProgram(join(folder, name)))) ?? null;
}

const homebrewFolders = ["/opt/homebrew/bin", "/usr/local/bin"];

export const findRedis = (path: string) =>
  findProgram("redis-server", path, homebrewFolders) ?? findProgram("valkey-server", path, homebrewFolders);
