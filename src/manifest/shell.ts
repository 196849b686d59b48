/** Quotes arguments as one shell line that splits into the same arguments again. */
export const shellLine = (args: readonly string[]): string =>
  args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");

/** Returns the path of the first loopback URL in a command such as `curl -f http://localhost:3000/up`. */
export function healthPath(command: string): string | undefined {
  const [, path] =
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s"'|;)]*)?(\/[^\s"'|;)\]]*)?/.exec(command) ?? [];
  return path === undefined || path.includes("$") ? undefined : path;
}
