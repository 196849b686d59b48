import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProjectFiles } from "../compile/project-files.ts";

/** Reads the files of an app from its folder; a file that cannot be read counts as empty. */
export const projectFiles = (folder: string): ProjectFiles => ({
  has: (path) => existsSync(join(folder, path)),
  read(path) {
    try {
      return readFileSync(join(folder, path), "utf8");
    } catch {
      return "";
    }
  },
});
