import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { createSeal } from "../../src/identity/seal.ts";
import { absoluteTimeoutMs, createSessions, idleTimeoutMs } from "../../src/maintainers/sessions.ts";

const day = 24 * 3600 * 1000;
const ada = { user: 7, login: "ada", token: "gho_ada", scope: "" };

function setUp(secret = "a secret of more than thirty-two letters", db = openDb(":memory:")) {
  let time = Date.parse("2026-11-22T12:00:00Z");
  const sessions = createSessions({ db, seal: createSeal(secret), now: () => new Date(time), random: randomBytes });
  return { db, sessions, pass: (ms: number) => (time += ms) };
}

test("the database contains neither the cookie's secret nor the token", () => {
  const { db, sessions } = setUp();
  const { secret, session } = sessions.begin(ada);
  const stored = JSON.stringify(db.$client.prepare("SELECT * FROM sessions").all());
  expect(stored).toContain("ada");
  expect(stored).not.toContain(secret);
  expect(stored).not.toContain("gho_ada");
  expect(session.id).toBe(createHash("sha256").update(secret).digest("base64url"));
  expect(sessions.tokenOf(session)).toBe("gho_ada");
});

test("only the exact secret finds a session", () => {
  const { sessions } = setUp();
  const { secret, session } = sessions.begin(ada);
  expect(sessions.find(secret)?.session).toMatchObject({ user: 7, login: "ada", scope: "" });
  const altered = `${secret.startsWith("A") ? "B" : "A"}${secret.slice(1)}`;
  for (const wrong of [session.id, altered, secret.slice(1), `${secret}=`, "", "' OR 1=1 --"])
    expect(sessions.find(wrong)).toBeNull();
});

test("a session is extended once a day while used, up to an absolute limit", () => {
  const { sessions, pass } = setUp();
  const { secret } = sessions.begin(ada);
  pass(day - 1);
  expect(sessions.find(secret)?.renewed).toBe(false);
  pass(1);
  expect(sessions.find(secret)?.renewed).toBe(true);
  expect(sessions.find(secret)?.renewed).toBe(false);
  for (let used = day; used + 29 * day < absoluteTimeoutMs; used += 29 * day) {
    pass(29 * day);
    expect(sessions.find(secret)).not.toBeNull();
  }
  pass(29 * day);
  expect(sessions.find(secret)).toBeNull();
});

test("an unused session expires after thirty days and is deleted", () => {
  const { db, sessions, pass } = setUp();
  const unused = sessions.begin(ada);
  pass(idleTimeoutMs - 1);
  const other = sessions.begin(ada);
  pass(1);
  expect(sessions.all(7).map(({ id }) => id)).toEqual([other.session.id]);
  sessions.forget();
  expect(db.$client.prepare("SELECT id FROM sessions").all()).toEqual([{ id: other.session.id }]);
  expect(sessions.find(unused.secret)).toBeNull();
});

test("sessions end one by one, and are listed per account", () => {
  const { sessions } = setUp();
  const [first, second] = [sessions.begin(ada), sessions.begin(ada)];
  const bob = sessions.begin({ user: 8, login: "bob", token: "gho_bob", scope: "" });
  sessions.end(first.session.id);
  expect(sessions.find(first.secret)).toBeNull();
  expect(sessions.find(second.secret)).not.toBeNull();
  expect(sessions.all(7)).toEqual([second.session]);
  expect(sessions.all(8)).toEqual([bob.session]);
});

test("a token encrypted with another SECRET reads as null", () => {
  const { db, sessions } = setUp();
  const { session } = sessions.begin(ada);
  expect(setUp("another secret of thirty-two letters", db).sessions.tokenOf(session)).toBeNull();
});
