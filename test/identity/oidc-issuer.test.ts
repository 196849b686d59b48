import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { wellKnownRoutes } from "../../routes/identity/well-known.ts";
import { createIssuer } from "../../src/identity/oidc-issuer.ts";

const origin = "https://slipway.example";
const day = 24 * 60 * 60 * 1000;
let dataDir: string;
let time: number;
let ids: number;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "slipway-oidc-"));
  time = Date.parse("2026-11-22T12:00:00Z");
  ids = 0;
});
afterEach(() => rmSync(dataDir, { recursive: true, maxRetries: 5 }));

const make = () => createIssuer({ origin, dataDir, now: () => new Date(time), newId: () => `id${++ids}` });
const read = (part = "") => JSON.parse(Buffer.from(part, "base64url").toString());
const keyOf = (token: string): string => read(token.split(".")[0]).kid;

/** The claims, if one of these keys signed them. */
function claimsOf(token: string, keys: JsonWebKey[]) {
  const [head, claims, signature = ""] = token.split(".");
  const key = keys.find(({ kid }) => kid === read(head).kid);
  if (!key) throw new Error("nobody published the key");
  const good = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    createPublicKey({ key, format: "jwk" }),
    Buffer.from(signature, "base64url"),
  );
  return good ? read(claims) : null;
}

test("a token says for whom and to whom, for five minutes, and our published key vouches for it", async () => {
  const ours = make();
  const app = wellKnownRoutes({ config: { origin }, issuer: ours });
  const about = (await (await app.request("/.well-known/openid-configuration")).json()) as Record<string, string>;
  expect(about).toMatchObject({ issuer: origin, jwks_uri: `${origin}/.well-known/jwks.json` });
  const answer = await app.request(new URL(about.jwks_uri ?? "").pathname);
  expect(answer.headers.get("cache-control")).toContain("max-age");
  const { keys } = (await answer.json()) as { keys: JsonWebKey[] };
  const claims = claimsOf(await ours.signToken("somebody", "sts.amazonaws.com"), keys);
  const seconds = time / 1000;
  expect(claims).toMatchObject({
    iss: origin,
    sub: "somebody",
    aud: "sts.amazonaws.com",
    iat: seconds,
    exp: seconds + 300,
  });
});

test("only the public half is published", async () => {
  const { keys } = await make().jwks();
  expect(keys.map((key) => Object.keys(key).sort())).toEqual([["alg", "e", "kid", "kty", "n", "use"]]);
});

test("keys survive a restart, in a file that only we may read", async () => {
  const first = await make().jwks();
  expect(await make().jwks()).toEqual(first);
  expect(statSync(join(dataDir, "oidc-keys.json")).mode & 0o777).toBe(0o600);
});

test("two who ask at once get one key", async () => {
  const ours = make();
  const [a, b] = await Promise.all([ours.signToken("a", "x"), ours.signToken("b", "x"), ours.jwks()]);
  expect(keyOf(a ?? "")).toBe(keyOf(b ?? ""));
  expect(JSON.parse(readFileSync(join(dataDir, "oidc-keys.json"), "utf8"))).toHaveLength(1);
});

test("a new key is shown for a day before it signs, and an old one for a day after it last signed", async () => {
  const ours = make();
  const old = keyOf(await ours.signToken("a", "x"));
  await ours.rotate();
  expect((await ours.jwks()).keys).toHaveLength(2);
  expect(keyOf(await ours.signToken("a", "x"))).toBe(old);
  time += day;
  const newKey = keyOf(await ours.signToken("a", "x"));
  expect(newKey).not.toBe(old);
  expect((await ours.jwks()).keys.map(({ kid }) => kid)).toEqual([old, newKey]);
  time += day;
  expect((await ours.jwks()).keys.map(({ kid }) => kid)).toEqual([newKey]);
});

test("after ninety days the next key is made by itself", async () => {
  const ours = make();
  const old = keyOf(await ours.signToken("a", "x"));
  time += 90 * day;
  expect(keyOf(await ours.signToken("a", "x"))).toBe(old);
  expect((await ours.jwks()).keys).toHaveLength(2);
  time += day;
  expect(keyOf(await ours.signToken("a", "x"))).not.toBe(old);
});

test("a file without keys is not overwritten", async () => {
  writeFileSync(join(dataDir, "oidc-keys.json"), "[]");
  await expect(make().jwks()).rejects.toThrow("does not contain keys");
});
