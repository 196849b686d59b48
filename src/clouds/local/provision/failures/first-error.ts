const maxLines = 3;

/** Lines that start like an error of a language, compiler or package manager. */
const strongPatterns = [
  /^\s*(?:uncaught |unhandled )?(?:[\w$.]*(?:Error|Exception)|panic|fatal(?: error)?|error|err!)(?:\s?\[[^\]]*\])?\s*:/i,
  /\berror (?:TS|CS|E)?\d+\b/,
  /^npm (?:error|ERR!) (?!code |errno |syscall |path |command |A complete log)\S/,
  /\bERR_[A-Z_]{4,}/,
  /^\s*(?:\[error\]|✘|✖|⨯|×)/i,
];

const weakPattern =
  /\b(?:error|failed|cannot|could not|couldn't|unable to|not found|denied|refused|no such|invalid|unsupported|is required)\b/i;
const harmlessPattern = /\b(?:0 (?:errors?|failed)|no errors?|warn(?:ing)?|deprecated)\b/i;

/** Returns the first error in a command's output, with up to two lines of context; empty if there is none. */
export function firstError(lines: string[]): string[] {
  const index = firstErrorIndex(lines);
  return index < 0 ? [] : lines.slice(index, index + maxLines);
}

function firstErrorIndex(lines: string[]): number {
  const strong = lines.findIndex((line) => strongPatterns.some((pattern) => pattern.test(line)));
  const traceback = lines.findIndex((line) => line.startsWith("Traceback (most recent call last)"));
  if (traceback >= 0 && (strong < 0 || traceback < strong)) {
    // Python prints the error below the indented stack.
    const error = lines.findIndex((line, index) => index > traceback && !/^\s/.test(line));
    return error < 0 ? traceback : error;
  }
  if (strong >= 0) return strong;
  return lines.findIndex((line) => weakPattern.test(line) && !harmlessPattern.test(line));
}
