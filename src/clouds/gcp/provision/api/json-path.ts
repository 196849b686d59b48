import { getPath } from "../resolve-values.ts";

/** The list at `a.b.c` of an answer; empty where there is none, as Google leaves empty lists out. */
export function listAt(answer: unknown, path: string): unknown[] {
  const found = getPath(answer, path);
  return Array.isArray(found) ? found : [];
}
