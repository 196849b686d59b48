import { open } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";

const maxLineLength = 2000;
const chunkBytes = 64 * 1024;

export interface LogPart {
  lines: string[];
  /** Where the next read starts. */
  offset: number;
  /** Whether `offset` is inside a line that was too long and was truncated. */
  inside: boolean;
}

/**
 * Reads a log from an offset: only complete lines until the command has ended, at most 64 kB at a time. null if there
 * is nothing new.
 */
export async function readFromOffset(
  file: string,
  position: { offset: number; inside: boolean },
  { ended, hide }: { ended: boolean; hide: (text: string) => string },
): Promise<LogPart | null> {
  const bytes = await readBytes(file, position.offset, chunkBytes);
  const end = bytes.lastIndexOf(0x0a) + 1;
  const isFull = bytes.length === chunkBytes;
  if (bytes.length === 0 || (end === 0 && !isFull && !ended)) return null;
  const isLast = ended && !isFull;
  const consumed = end === 0 || isLast ? bytes : bytes.subarray(0, end);
  const lines = consumed.toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (position.inside) lines.shift();
  return {
    lines: lines.map((line) => cleanLine(line, hide)),
    offset: position.offset + consumed.length,
    inside: consumed.at(-1) !== 0x0a && !isLast,
  };
}

async function readBytes(file: string, offset: number, length: number): Promise<Buffer> {
  const handle = await open(file).catch(() => null);
  if (!handle) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Returns a line as a terminal would show it, without colors. Secrets are masked before it is truncated. */
function cleanLine(text: string, hide: (text: string) => string): string {
  const plain = stripVTControlCharacters(text).replace(/\r+$/, "");
  // A progress bar overwrites itself after each \r: only its last state stays.
  const visible = plain.slice(plain.lastIndexOf("\r") + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
  const line = hide(visible.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, ""));
  return line.length > maxLineLength ? `${line.slice(0, maxLineLength - 1).replace(/[\ud800-\udbff]$/, "")}…` : line;
}

/** Returns the lines at the end of a log that are not blank, each up to 300 characters. */
export async function readLines(
  file: string,
  hide: (text: string) => string,
  maxBytes = 1024 * 1024,
): Promise<string[]> {
  const handle = await open(file).catch(() => null);
  if (!handle) return [];
  const { size } = await handle.stat();
  await handle.close();
  const offset = Math.max(0, size - maxBytes);
  const text = (await readBytes(file, offset, maxBytes)).toString("utf8");
  const lines = text.split("\n").slice(offset === 0 ? 0 : 1);
  return lines.map((line) => cleanLine(line, hide).slice(0, 300)).filter((line) => line.trim() !== "");
}
