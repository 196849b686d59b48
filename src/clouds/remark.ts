import type { Remark } from "../plan.ts";
import { note } from "../result.ts";

export const remark = (level: Remark["level"], path: string, message: string, fix = ""): Remark => ({
  ...note(message, { path, fix }),
  level,
});
