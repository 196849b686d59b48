/** Words as one line that a shell takes apart again into the same words. */
export const shellLine = (args: readonly string[]): string =>
  args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(" ");

/** The path of the first address of this machine in a command such as `curl -f http://localhost:3000/up`. */
export function healthPath(command: string): string | undefined {
  const [, path] =
    /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::[^/\s"'|;)]*)?(\/[^\s"'|;)\]]*)?/.exec(command) ?? [];
  return path === undefined || path.includes("$") ? undefined : path;
}
