import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Encrypts what only we may read, bound to the id of what it belongs to. */
export interface Seal {
  close(id: string, value: unknown): string;
  /** Throws when the text was changed, belongs to another id, or was closed with another SECRET. */
  open(id: string, sealed: string): unknown;
  /** 40 letters and digits that only this SECRET, id and name give: nothing has to be stored to know them again. */
  derive(id: string, name: string): string;
}

const iv = 12;
const tag = 16;
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** AES-256-GCM under keys drawn from one secret of any length. */
export function createSeal(secret: string): Seal {
  const key = (info: string, length: number) => Buffer.from(hkdfSync("sha256", secret, "slipway", info, length));
  const sealing = key("seal", 32);
  return {
    close(id, value) {
      const nonce = randomBytes(iv);
      const cipher = createCipheriv("aes-256-gcm", sealing, nonce).setAAD(Buffer.from(id));
      const body = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
    },
    open(id, sealed) {
      const bytes = Buffer.from(sealed, "base64url");
      const decipher = createDecipheriv("aes-256-gcm", sealing, bytes.subarray(0, iv), { authTagLength: tag });
      decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(iv, iv + tag));
      const body = Buffer.concat([decipher.update(bytes.subarray(iv + tag)), decipher.final()]);
      return JSON.parse(body.toString("utf8"));
    },
    derive: (id, name) =>
      Array.from(key(`derive ${JSON.stringify([id, name])}`, 40), (byte) => alphabet[byte & 31]).join(""),
  };
}

/** The secret kept in the data folder; made when there is none. */
export function loadOrCreateSecret(dataDir: string): string {
  const file = join(dataDir, "secret");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, randomBytes(32).toString("hex"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < 32) throw new Error(`${file} holds no secret: delete it to have a new one made, or set SECRET`);
  return secret;
}
