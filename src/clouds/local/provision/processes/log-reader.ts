import { open } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";

const longestLine = 2000;
const chunk = 64 * 1024;

export interface Part {
  lines: string[];
  /** Where to read on. */
  offset: number;
  /** Whether `offset` is inside a line that was too long and has been said already. */
  inside: boolean;
}

/**
 * Reads on in a log: whole lines only, until the command has ended. At most 64 kB at a time.
 * null when there is nothing new.
 */
export async function readFromOffset(
  file: string,
  from: { offset: number; inside: boolean },
  { ended, hide }: { ended: boolean; hide: (text: string) => string },
): Promise<Part | null> {
  const bytes = await bytesAt(file, from.offset, chunk);
  const end = bytes.lastIndexOf(0x0a) + 1;
  const full = bytes.length === chunk;
  if (bytes.length === 0 || (end === 0 && !full && !ended)) return null;
  const rest = ended && !full;
  const taken = end === 0 || rest ? bytes : bytes.subarray(0, end);
  const texts = taken.toString("utf8").split("\n");
  if (texts.at(-1) === "") texts.pop();
  if (from.inside) texts.shift();
  return {
    lines: texts.map((text) => clean(text, hide)),
    offset: from.offset + taken.length,
    inside: taken.at(-1) !== 0x0a && !rest,
  };
}

async function bytesAt(file: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(file).catch(() => null);
  if (!handle) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** A line as it would look on a terminal, without colours; hidden before it is cut, so that no half secret stays. */
function clean(text: string, hide: (text: string) => string): string {
  const plain = stripVTControlCharacters(text).replace(/\r+$/, "");
  // A progress bar draws over itself: the last drawing stays.
  const last = plain.slice(plain.lastIndexOf("\r") + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to take out
  const line = hide(last.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, ""));
  return line.length > longestLine ? `${line.slice(0, longestLine - 1).replace(/[\ud800-\udbff]$/, "")}…` : line;
}

/** The last lines that say something, for the sentence about a failure. */
export async function lastLines(file: string, hide: (text: string) => string, most = 8): Promise<string[]> {
  const handle = await open(file).catch(() => null);
  if (!handle) return [];
  const { size } = await handle.stat();
  await handle.close();
  const offset = Math.max(0, size - 16 * 1024);
  const text = (await bytesAt(file, offset, 16 * 1024)).toString("utf8");
  const lines = text.split("\n").slice(offset === 0 ? 0 : 1);
  return lines
    .map((line) => clean(line, hide).slice(0, 300))
    .filter((line) => line.trim() !== "")
    .slice(-most);
}
