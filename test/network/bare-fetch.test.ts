import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

// Files that send requests without the guarded fetch, and who wrote the URL. A stranger's URL belongs in none of them.
const trusted: Record<string, string> = {
  "src/network/guarded-fetch.ts": "the guarded fetch itself",
  "src/network/limit-response-size.ts": "wraps the fetch of the clouds' clients, whose URLs are configured",
  "src/repositories/github/cached-client.ts": "GITHUB_API_URL, set by the operator",
  "src/repositories/github/user-lookup.ts": "GITHUB_API_URL, set by the operator",
  "src/maintainers/github-sign-in.ts": "GITHUB_API_URL, set by the operator",
  "src/clouds/local/health-check.ts": "a port of this machine that we assigned",
  "src/clouds/local/ports.ts": "ports of this machine",
  "src/clouds/local/redis.ts": "a Redis of this machine that we started",
  "src/clouds/aws/custom-resource-handler.ts": "runs in the visitor's account, with CloudFormation's URL",
};

/** A call of fetch with a URL; the guarded fetch takes an object. */
const bareFetch = /(?<![\w.])(?:globalThis\.)?fetch\((?!\{)(?!c\.req|\w*:)/;
/** Imports of what opens connections. */
const sockets =
  /^import \{[^}]*\b(?:request|get|connect|createConnection|Socket|Agent)\b[^}]*\} from "node:(?:https?|http2|net|tls)"|from "undici"/m;

/** A cloud's file by its name alone: files move between the rooms of a cloud. */
const withoutRoom = (file: string) => file.replace(/^(src\/clouds\/[\w-]+\/)(?:.*\/)?/, "$1");

const sends = (text: string) => bareFetch.test(text.replaceAll(/\bfunction \w*fetch\(/gi, "")) || sockets.test(text);

test("only known files send requests without the guarded fetch", () => {
  const files = ["src", "routes", "badges", "views"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => `${folder}/${file}`),
  );
  const senders = files.filter((file) => sends(readFileSync(join(root, file), "utf8"))).map(withoutRoom);
  expect(senders.toSorted()).toEqual(Object.keys(trusted).toSorted());
});

test("the check notices every way of sending one", () => {
  expect(sends("const response = await fetch(url, { redirect: 'manual' });")).toBe(true);
  expect(sends("globalThis.fetch(`https://${host}/`)")).toBe(true);
  expect(sends('import { request } from "node:https";')).toBe(true);
  expect(sends('import { connect } from "node:net";')).toBe(true);
  expect(sends('await fetch({ url, method: "GET", headers })')).toBe(false);
  expect(sends('import { isIP } from "node:net";')).toBe(false);
});
