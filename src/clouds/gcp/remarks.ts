import type { Remark } from "../../plan.ts";
import { note } from "../../result.ts";

export const remark = (level: Remark["level"], path: string, message: string, fix = ""): Remark => ({
  ...note(message, { path, fix }),
  level,
});

/** `web`, `web and worker`, `web, worker and api`. */
export const listed = (names: string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
