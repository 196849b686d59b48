import { createHash } from "node:crypto";
import type { Db } from "../data/db.ts";
import * as store from "../data/store/sessions.ts";
import type { Seal } from "../identity/seal.ts";

const DAY = 24 * 3600 * 1000;
/** How long an unused session lives. */
export const idleTimeoutMs = 30 * DAY;
export const absoluteTimeoutMs = 180 * DAY;

export interface Session {
  /** Hash of the cookie's secret: it cannot be turned back into a cookie. */
  id: string;
  /** The GitHub account id. */
  user: number;
  login: string;
  /** OAuth scopes of the token, such as `public_repo`; empty for public data only. */
  scope: string;
  created: Date;
  /** Updated at most once a day. */
  used: Date;
}

export interface Sessions {
  /** Creates a session. Its cookie secret is returned here only. */
  begin(user: { user: number; login: string; token: string; scope: string }): { secret: string; session: Session };
  /** Finds a cookie's session. `renewed`: its expiry was extended, so the cookie must be set again. */
  find(secret: string): { session: Session; renewed: boolean } | null;
  /** Returns the user's GitHub token; null if it can no longer be decrypted. */
  tokenOf(session: Session): string | null;
  /** Returns all sessions of an account, newest first. */
  all(user: number): Session[];
  end(id: string): void;
  /** Deletes expired sessions. */
  forget(): void;
}

interface SessionDependencies {
  db: Db;
  seal: Pick<Seal, "close" | "open">;
  now: () => Date;
  random: (bytes: number) => Uint8Array;
}

const idOf = (secret: string) => createHash("sha256").update(secret).digest("base64url");
const sealContext = (id: string) => `session ${id}`;
const withoutToken = ({ sealed: _, ...session }: store.SessionRow): Session => session;

/** Creates maintainers' sessions: the cookie holds 256 random bits, the database their hash and the encrypted token. */
export function createSessions({ db, seal, now, random }: SessionDependencies): Sessions {
  const isExpired = ({ used, created }: Session) =>
    now().getTime() - used.getTime() >= idleTimeoutMs || now().getTime() - created.getTime() >= absoluteTimeoutMs;
  return {
    begin({ token, ...user }) {
      const secret = Buffer.from(random(32)).toString("base64url");
      const id = idOf(secret);
      const session = { id, ...user, created: now(), used: now() };
      store.insertSession(db, { ...session, sealed: seal.close(sealContext(id), token) });
      return { secret, session };
    },
    find(secret) {
      if (!/^[\w-]{43}$/.test(secret)) return null;
      const row = store.findSession(db, idOf(secret));
      if (!row) return null;
      const session = withoutToken(row);
      if (isExpired(session)) {
        store.deleteSession(db, row.id);
        return null;
      }
      if (now().getTime() - row.used.getTime() < DAY) return { session, renewed: false };
      store.touchSession(db, row.id, now());
      return { session: { ...session, used: now() }, renewed: true };
    },
    tokenOf({ id }) {
      const row = store.findSession(db, id);
      try {
        return row ? String(seal.open(sealContext(id), row.sealed)) : null;
      } catch {
        // Encrypted with another SECRET.
        return null;
      }
    },
    all: (user) =>
      store
        .sessionsOfUser(db, user)
        .map(withoutToken)
        .filter((session) => !isExpired(session)),
    end: (id) => void store.deleteSession(db, id),
    forget: () =>
      void store.deleteStaleSessions(
        db,
        new Date(now().getTime() - idleTimeoutMs),
        new Date(now().getTime() - absoluteTimeoutMs),
      ),
  };
}
