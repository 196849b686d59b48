import type { Generator } from "../app.ts";

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A value nobody can guess, of the kind and length asked for. A uuid has its own length. */
export function generateValue({ kind, length, alphabet }: Generator, random: (bytes: number) => Uint8Array): string {
  if (kind === "hex")
    return Buffer.from(random(Math.ceil(length / 2)))
      .toString("hex")
      .slice(0, length);
  if (kind === "base64")
    return Buffer.from(random(base64Bytes(length)))
      .toString("base64")
      .slice(0, length);
  if (kind === "uuid") return uuid(random(16));
  return pick(alphabet ?? alphanumeric, length, random);
}

/** How many bytes make a base64 of that length; keys are 16, 32 or 64 bytes, so padding is taken for those. */
function base64Bytes(length: number): number {
  const most = Math.ceil((length * 3) / 4);
  if (length % 4 !== 0) return most;
  return [most, most - 1, most - 2].find((bytes) => bytes > 0 && bytes % 8 === 0) ?? most;
}

function uuid(bytes: Uint8Array): string {
  const marked = Uint8Array.from(bytes);
  marked[6] = ((marked[6] ?? 0) & 0x0f) | 0x40;
  marked[8] = ((marked[8] ?? 0) & 0x3f) | 0x80;
  return Buffer.from(marked)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Letters of the alphabet, each as likely as any other: bytes that would favour the first ones are thrown away. */
function pick(alphabet: string, length: number, random: (bytes: number) => Uint8Array): string {
  const fair = 256 - (256 % alphabet.length);
  let text = "";
  for (let round = 0; text.length < length && round < 1000; round += 1) {
    for (const byte of random(length)) if (byte < fair) text += alphabet[byte % alphabet.length];
  }
  if (text.length < length) throw new Error("The source of randomness repeats itself");
  return text.slice(0, length);
}
