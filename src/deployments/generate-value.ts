import type { Generator } from "../app.ts";

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Generates an unguessable value of a kind and length; `uuid` ignores the length. */
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
  return randomText(alphabet ?? alphanumeric, length, random);
}

/** Returns how many bytes encode to that many base64 characters, padded where that gives a usual key size (16, 32, 64). */
function base64Bytes(length: number): number {
  const unpadded = Math.ceil((length * 3) / 4);
  if (length % 4 !== 0) return unpadded;
  return [unpadded, unpadded - 1, unpadded - 2].find((bytes) => bytes > 0 && bytes % 8 === 0) ?? unpadded;
}

function uuid(bytes: Uint8Array): string {
  const versioned = Uint8Array.from(bytes);
  versioned[6] = ((versioned[6] ?? 0) & 0x0f) | 0x40;
  versioned[8] = ((versioned[8] ?? 0) & 0x3f) | 0x80;
  return Buffer.from(versioned)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Picks letters uniformly: bytes that would favour the first letters are discarded (modulo bias). */
function randomText(alphabet: string, length: number, random: (bytes: number) => Uint8Array): string {
  const unbiasedLimit = 256 - (256 % alphabet.length);
  let text = "";
  for (let round = 0; text.length < length && round < 1000; round += 1) {
    for (const byte of random(length)) if (byte < unbiasedLimit) text += alphabet[byte % alphabet.length];
  }
  if (text.length < length) throw new Error("The random source keeps returning biased bytes");
  return text.slice(0, length);
}
