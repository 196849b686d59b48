import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Encrypts values, bound to the id of their owner. */
export interface Seal {
  close(id: string, value: unknown): string;
  /** Throws if the text was changed, belongs to another id, or was sealed with another SECRET. */
  open(id: string, sealed: string): unknown;
  /** Derives 40 letters and digits from SECRET, id and name, so that they need not be stored. */
  derive(id: string, name: string): string;
}

const ivBytes = 12;
const tagBytes = 16;
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Creates a seal: AES-256-GCM with keys derived from a secret of any length. */
export function createSeal(secret: string): Seal {
  const deriveKey = (info: string, length: number) => Buffer.from(hkdfSync("sha256", secret, "slipway", info, length));
  const sealKey = deriveKey("seal", 32);
  return {
    close(id, value) {
      const nonce = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", sealKey, nonce).setAAD(Buffer.from(id));
      const body = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
    },
    open(id, sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      const decipher = createDecipheriv("aes-256-gcm", sealKey, bytes.subarray(0, ivBytes), {
        authTagLength: tagBytes,
      });
      decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
      const body = Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]);
      return JSON.parse(body.toString("utf8"));
    },
    derive: (id, name) =>
      Array.from(deriveKey(`derive ${JSON.stringify([id, name])}`, 40), (byte) => alphabet[byte & 31]).join(""),
  };
}

/** Loads the secret in the data folder, or creates it. */
export function loadOrCreateSecret(dataDir: string): string {
  const file = join(dataDir, "secret");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < 32)
    throw new Error(`${file} does not contain a secret: delete it to create a new one, or set SECRET`);
  return secret;
}
