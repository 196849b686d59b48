import { createHash, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { openDb } from "../../src/data/db.ts";
import { createSeal } from "../../src/identity/seal.ts";
import { absoluteTimeoutMs, createSessions, idleTimeoutMs } from "../../src/maintainers/sessions.ts";

const day = 24 * 3600 * 1000;
const ada = { user: 7, login: "ada", token: "gho_ada", scope: "" };

function fresh(secret = "a secret of more than thirty-two letters", db = openDb(":memory:")) {
  let time = Date.parse("2026-11-22T12:00:00Z");
  const known = createSessions({ db, seal: createSeal(secret), now: () => new Date(time), random: randomBytes });
  return { db, known, pass: (ms: number) => (time += ms) };
}

test("the database knows neither the secret of a cookie nor the token", () => {
  const { db, known } = fresh();
  const { secret, session } = known.begin(ada);
  const stored = JSON.stringify(db.$client.prepare("SELECT * FROM sessions").all());
  expect(stored).toContain("ada");
  expect(stored).not.toContain(secret);
  expect(stored).not.toContain("gho_ada");
  expect(session.id).toBe(createHash("sha256").update(secret).digest("base64url"));
  expect(known.tokenOf(session)).toBe("gho_ada");
});

test("only the secret finds a session: not its hash, not another, not half of one", () => {
  const { known } = fresh();
  const { secret, session } = known.begin(ada);
  expect(known.find(secret)?.session).toMatchObject({ user: 7, login: "ada", scope: "" });
  const turned = `${secret.startsWith("A") ? "B" : "A"}${secret.slice(1)}`;
  for (const wrong of [session.id, turned, secret.slice(1), `${secret}=`, "", "' OR 1=1 --"])
    expect(known.find(wrong)).toBeNull();
});

test("a session lives for as long as it is used, is extended once a day, and ends in any case", () => {
  const { known, pass } = fresh();
  const { secret } = known.begin(ada);
  pass(day - 1);
  expect(known.find(secret)?.renewed).toBe(false);
  pass(1);
  expect(known.find(secret)?.renewed).toBe(true);
  expect(known.find(secret)?.renewed).toBe(false);
  for (let used = day; used + 29 * day < absoluteTimeoutMs; used += 29 * day) {
    pass(29 * day);
    expect(known.find(secret)).not.toBeNull();
  }
  pass(29 * day);
  expect(known.find(secret)).toBeNull();
});

test("a session nobody uses is over after thirty days, and swept away", () => {
  const { db, known, pass } = fresh();
  const unused = known.begin(ada);
  pass(idleTimeoutMs - 1);
  const other = known.begin(ada);
  pass(1);
  expect(known.all(7).map(({ id }) => id)).toEqual([other.session.id]);
  known.forget();
  expect(db.$client.prepare("SELECT id FROM sessions").all()).toEqual([{ id: other.session.id }]);
  expect(known.find(unused.secret)).toBeNull();
});

test("one session ends alone, and those of an account are listed without anybody else's", () => {
  const { known } = fresh();
  const [first, second] = [known.begin(ada), known.begin(ada)];
  const bob = known.begin({ user: 8, login: "bob", token: "gho_bob", scope: "" });
  known.end(first.session.id);
  expect(known.find(first.secret)).toBeNull();
  expect(known.find(second.secret)).not.toBeNull();
  expect(known.all(7)).toEqual([second.session]);
  expect(known.all(8)).toEqual([bob.session]);
});

test("a token sealed with another SECRET is none", () => {
  const { db, known } = fresh();
  const { session } = known.begin(ada);
  expect(fresh("another secret of thirty-two letters", db).known.tokenOf(session)).toBeNull();
});
