import { createHash } from "node:crypto";
import type { Db } from "../data/db.ts";
import * as store from "../data/store/sessions.ts";
import type { Seal } from "../identity/seal.ts";

const DAY = 24 * 3600 * 1000;
/** How long a session lives without being used, in ms, ... */
export const idleTimeoutMs = 30 * DAY;
/** ... and how long in any case. */
export const absoluteTimeoutMs = 180 * DAY;

export interface Session {
  /** The hash of its secret: who knows it cannot make a cookie of it. */
  id: string;
  /** GitHub's number of the account. */
  user: number;
  login: string;
  /** What its token may do beyond reading what is public, such as `public_repo`; empty: nothing. */
  scope: string;
  created: Date;
  /** To the day. */
  used: Date;
}

export interface Sessions {
  /** A new session, and the secret for its cookie, which is nowhere else. */
  begin(who: { user: number; login: string; token: string; scope: string }): { secret: string; session: Session };
  /** The session of a cookie. `renewed`: its time was extended, so the cookie's has to be, too. */
  find(secret: string): { session: Session; renewed: boolean } | null;
  /** What GitHub gave us to ask in their name; null when it cannot be read any more. */
  tokenOf(session: Session): string | null;
  /** All sessions of an account, the newest first. */
  all(user: number): Session[];
  end(id: string): void;
  /** Deletes those whose time is over. */
  forget(): void;
}

interface Needs {
  db: Db;
  seal: Pick<Seal, "close" | "open">;
  now: () => Date;
  random: (bytes: number) => Uint8Array;
}

const idOf = (secret: string) => createHash("sha256").update(secret).digest("base64url");
const sealedFor = (id: string) => `session ${id}`;
const told = ({ sealed: _, ...session }: store.SessionRow): Session => session;

/** Sessions of maintainers: the browser has 256 random bits, the database their hash and the token, encrypted. */
export function createSessions({ db, seal, now, random }: Needs): Sessions {
  const isOver = ({ used, created }: Session) =>
    now().getTime() - used.getTime() >= idleTimeoutMs || now().getTime() - created.getTime() >= absoluteTimeoutMs;
  return {
    begin({ token, ...who }) {
      const secret = Buffer.from(random(32)).toString("base64url");
      const id = idOf(secret);
      const session = { id, ...who, created: now(), used: now() };
      store.insertSession(db, { ...session, sealed: seal.close(sealedFor(id), token) });
      return { secret, session };
    },
    find(secret) {
      if (!/^[\w-]{43}$/.test(secret)) return null;
      const row = store.findSession(db, idOf(secret));
      if (!row) return null;
      const session = told(row);
      if (isOver(session)) {
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
        return row ? String(seal.open(sealedFor(id), row.sealed)) : null;
      } catch {
        // Closed with another SECRET.
        return null;
      }
    },
    all: (user) =>
      store
        .sessionsOfUser(db, user)
        .map(told)
        .filter((session) => !isOver(session)),
    end: (id) => void store.deleteSession(db, id),
    forget: () =>
      void store.deleteStaleSessions(
        db,
        new Date(now().getTime() - idleTimeoutMs),
        new Date(now().getTime() - absoluteTimeoutMs),
      ),
  };
}
