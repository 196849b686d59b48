import { createPublicKey, generateKeyPair, type JsonWebKey, sign } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const day = 24 * 60 * 60 * 1000;
/** Clouds keep a copy of our public keys for hours: a new key is shown this long before it signs. */
const shownBefore = day;
const signsFor = 90 * day;
const tokenSeconds = 5 * 60;

const Kept = z.array(z.object({ id: z.string(), created: z.number(), pem: z.string() })).min(1);
type Key = z.infer<typeof Kept>[number];

/** Our origin as an OpenID Connect issuer: what a cloud needs to trust us without any key of its own. */
export interface Issuer {
  /** Says, for five minutes, that we act for this subject. */
  signToken(subject: string, audience: string): Promise<string>;
  /** The public halves of the keys that sign now, signed lately, or will sign next. */
  jwks(): Promise<{ keys: JsonWebKey[] }>;
  /** Makes the next key now rather than when the present one is 90 days old; it signs from tomorrow. */
  rotate(): Promise<void>;
}

interface Needs {
  origin: string;
  dataDir: string;
  now: () => Date;
  newId: () => string;
}

/** Keys are made when they are first needed, and kept in the data folder for nobody else to read. */
export function createIssuer({ origin, dataDir, now, newId }: Needs): Issuer {
  const file = join(dataDir, "oidc-keys.json");
  let ready: Promise<Key[]> | undefined;

  async function open(): Promise<Key[]> {
    const kept = read(file);
    if (kept.length === 0) return add(kept);
    return kept;
  }

  async function add(keys: Key[]): Promise<Key[]> {
    const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const next = [...keys, { id: newId(), created: now().getTime(), pem }];
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, JSON.stringify(next), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return next;
  }

  /** One after the other: two first visitors must not make two first keys. */
  function keys(change?: (keys: Key[]) => Promise<Key[]>): Promise<Key[]> {
    const before = ready ?? open();
    const after = before.then(async (all) => {
      const due = (all.at(-1)?.created ?? 0) + signsFor <= now().getTime();
      return change ? change(all) : due ? add(alive(all, now())) : all;
    });
    ready = after;
    // A disk that was full is asked again the next time.
    after.catch(() => {
      if (ready === after) ready = undefined;
    });
    return after;
  }

  return {
    async signToken(subject, audience) {
      const key = signer(await keys(), now());
      const at = Math.floor(now().getTime() / 1000);
      const claims = { iss: origin, sub: subject, aud: audience, iat: at, exp: at + tokenSeconds, jti: newId() };
      const text = [{ alg: "RS256", typ: "JWT", kid: key.id }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      return `${text}.${sign("sha256", Buffer.from(text), key.pem).toString("base64url")}`;
    },
    async jwks() {
      const all = await keys();
      return {
        keys: alive(all, now()).map(({ id, pem }) => ({
          ...createPublicKey(pem).export({ format: "jwk" }),
          kid: id,
          alg: "RS256",
          use: "sig",
        })),
      };
    },
    async rotate() {
      await keys((all) => add(alive(all, now())));
    },
  };
}

/** The newest that everybody has had time to see; at the very start, the first. */
const signer = (keys: Key[], now: Date): Key => {
  const seen = keys.filter(({ created }) => created + shownBefore <= now.getTime());
  const key = seen.at(-1) ?? keys[0];
  if (!key) throw new Error("there is no key to sign with");
  return key;
};

/** Without those that stopped signing a day ago: no token of theirs can be alive. */
const alive = (keys: Key[], now: Date): Key[] =>
  keys.filter((_, index) => {
    const next = keys[index + 1];
    return !next || next.created + 2 * shownBefore > now.getTime();
  });

function read(file: string): Key[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const kept = Kept.safeParse(JSON.parse(text));
  if (!kept.success) throw new Error(`${file} holds no keys: delete it to have new ones made`);
  return kept.data;
}
