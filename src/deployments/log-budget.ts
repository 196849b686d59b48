/** Limits of what one deployment may store of its log, whatever its cloud sends: characters of a line, lines and bytes. */
export const logLimits = { lineLength: 8192, lines: 50_000, bytes: 16 * 1024 * 1024 };

/** Limits of a step's or a failure's message, in characters. */
export const maxMessageLength = 8192;

/** The last line of a log that reached its limit. */
export const cutLine = "… cut: this log is too long to keep. The cloud's own log has the rest.";

/** Longer than any secret, so that one that crosses the end of a line is masked before the line is cut. */
const maxSecretLength = 64 * 1024;

/** What a deployment's stored log amounts to. */
export interface StoredLog {
  lines: number;
  bytes: number;
  isCut: boolean;
}

/** Masks a text, then cuts it to `maxLength` characters. Only as much as can appear in the result is masked. */
export function maskAndCut(text: string, mask: (text: string) => string, maxLength: number): string {
  const masked = mask(text.slice(0, maxLength + maxSecretLength));
  return masked.length > maxLength ? `${masked.slice(0, maxLength).toWellFormed()}… cut` : masked;
}

/** Returns the lines that still fit, and adds them to `log`. The first that does not fit is replaced by `cutLine`. */
export function* takeLines(log: StoredLog, lines: string[], mask: (text: string) => string): Generator<string> {
  for (const line of lines) {
    if (log.isCut) return;
    const text = maskAndCut(line, mask, logLimits.lineLength);
    const bytes = Buffer.byteLength(text);
    if (log.lines >= logLimits.lines || log.bytes + bytes > logLimits.bytes) {
      log.isCut = true;
      yield cutLine;
      return;
    }
    log.lines += 1;
    log.bytes += bytes;
    yield text;
  }
}
