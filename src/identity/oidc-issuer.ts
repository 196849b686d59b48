import { createPublicKey, generateKeyPair, type JsonWebKey, sign } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const day = 24 * 60 * 60 * 1000;
/** Clouds cache our public keys for hours: a new key is published this long before it signs. */
const publishAheadMs = day;
const rotationMs = 90 * day;
const tokenLifetimeSeconds = 5 * 60;

const KeyFile = z.array(z.object({ id: z.string(), created: z.number(), pem: z.string() })).min(1);
type Key = z.infer<typeof KeyFile>[number];

/** Our origin as an OpenID Connect issuer, so that a cloud can trust us without a shared key. */
export interface Issuer {
  /** Signs an ID token for a subject, valid for five minutes. */
  signToken(subject: string, audience: string): Promise<string>;
  /** Returns the public keys that sign now, signed recently, or will sign next. */
  jwks(): Promise<{ keys: JsonWebKey[] }>;
  /** Creates the next key now, not after 90 days; it signs from tomorrow. */
  rotate(): Promise<void>;
}

interface Dependencies {
  origin: string;
  dataDir: string;
  now: () => Date;
  newId: () => string;
}

/** Creates an issuer. Keys are created on first use and stored in the data folder, readable by this user only. */
export function createIssuer({ origin, dataDir, now, newId }: Dependencies): Issuer {
  const file = join(dataDir, "oidc-keys.json");
  let ready: Promise<Key[]> | undefined;

  async function load(): Promise<Key[]> {
    const stored = readKeys(file);
    return stored.length === 0 ? addKey(stored) : stored;
  }

  async function addKey(keys: Key[]): Promise<Key[]> {
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const next = [...keys, { id: newId(), created: now().getTime(), pem }];
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, JSON.stringify(next), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return next;
  }

  /** Serializes access: two first visitors must not create two first keys. */
  function keys(change?: (keys: Key[]) => Promise<Key[]>): Promise<Key[]> {
    const previous = ready ?? load();
    const current = previous.then(async (stored) => {
      const isDue = (stored.at(-1)?.created ?? 0) + rotationMs <= now().getTime();
      if (change) return change(stored);
      return isDue ? addKey(unexpired(stored, now())) : stored;
    });
    ready = current;
    // A full disk must not fail every later call.
    current.catch(() => {
      if (ready === current) ready = undefined;
    });
    return current;
  }

  return {
    async signToken(subject, audience) {
      const key = signingKey(await keys(), now());
      const issuedAt = Math.floor(now().getTime() / 1000);
      const claims = {
        iss: origin,
        sub: subject,
        aud: audience,
        iat: issuedAt,
        exp: issuedAt + tokenLifetimeSeconds,
        jti: newId(),
      };
      const text = [{ alg: "RS256", typ: "JWT", kid: key.id }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      return `${text}.${sign("sha256", Buffer.from(text), key.pem).toString("base64url")}`;
    },
    async jwks() {
      const all = await keys();
      return {
        keys: unexpired(all, now()).map(({ id, pem }) => ({
          ...createPublicKey(pem).export({ format: "jwk" }),
          kid: id,
          alg: "RS256",
          use: "sig",
        })),
      };
    },
    async rotate() {
      await keys((all) => addKey(unexpired(all, now())));
    },
  };
}

/** Returns the newest key published long enough to be in every cache; at first, the only one. */
const signingKey = (keys: Key[], now: Date): Key => {
  const published = keys.filter(({ created }) => created + publishAheadMs <= now.getTime());
  const key = published.at(-1) ?? keys[0];
  if (!key) throw new Error("no signing key");
  return key;
};

/** Drops keys that stopped signing over a day ago: their tokens have expired. */
const unexpired = (keys: Key[], now: Date): Key[] =>
  keys.filter((_, index) => {
    const next = keys[index + 1];
    return !next || next.created + 2 * publishAheadMs > now.getTime();
  });

function readKeys(file: string): Key[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const stored = KeyFile.safeParse(JSON.parse(text));
  if (!stored.success) throw new Error(`${file} does not contain keys: delete it to create new ones`);
  return stored.data;
}
