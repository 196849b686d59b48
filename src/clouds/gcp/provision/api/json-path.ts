/** Returns the value at `a.b.c` of a response; null if absent. */
export function getPath(response: unknown, path: string): unknown {
  let value: unknown = response;
  for (const key of path.split("."))
    value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : null;
  return value ?? null;
}

/** Returns the value at `a.b.c` as text; empty if absent. */
export const getString = (response: unknown, path: string): string => `${getPath(response, path) ?? ""}`;

/** Returns the list at `a.b.c`; empty if absent, because Google omits empty lists. */
export function listAt(response: unknown, path: string): unknown[] {
  const value = getPath(response, path);
  return Array.isArray(value) ? value : [];
}
