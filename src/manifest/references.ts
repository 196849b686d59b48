/** Returns what stands between `${` and the next `}`, for every reference of a text. `$$` is a plain dollar. */
export function referencesIn(text: string): string[] {
  const references: string[] = [];
  for (let at = text.indexOf("$"); at >= 0; at = text.indexOf("$", at)) {
    const next = text.charAt(at + 1);
    const end = next === "{" ? text.indexOf("}", at + 2) : -1;
    if (next === "{" && end < 0) break;
    if (end >= 0) references.push(text.slice(at + 2, end));
    at = end >= 0 ? end + 1 : at + (next === "$" ? 2 : 1);
  }
  return references;
}
