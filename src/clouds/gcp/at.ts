/** What stands at `a.b.c` of an answer; undefined where it has no such place. */
export function at(answer: unknown, path: string): unknown {
  let here = answer;
  for (const part of path.split(".")) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = Reflect.get(here, part);
  }
  return here;
}

/** The same as a text: empty where there is none. */
export function textAt(answer: unknown, path: string): string {
  const found = at(answer, path);
  return found === undefined || found === null || typeof found === "object" ? "" : String(found);
}

export function listAt(answer: unknown, path: string): unknown[] {
  const found = at(answer, path);
  return Array.isArray(found) ? found : [];
}
