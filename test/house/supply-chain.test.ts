import { execFile } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "slipway-supply-"));
for (const file of ["package.json", "package-lock.json"]) cpSync(join(root, file), join(folder, file));
const closing: (() => void)[] = [() => rmSync(folder, { recursive: true, maxRetries: 5 })];
afterAll(() => {
  for (const close of closing) close();
});

interface Locked {
  version: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  dev?: boolean;
  devOptional?: boolean;
  optional?: boolean;
}
const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, Locked>;
};
const locked = Object.entries(lock.packages).filter(([path]) => path !== "");

test("every package of the lockfile is pinned by its hash and comes from the registry", () => {
  expect(locked.length).toBeGreaterThan(100);
  expect(locked.filter(([, { integrity = "" }]) => !integrity.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
  const elsewhere = locked.filter(
    ([, { link, resolved }]) => link || (resolved && !resolved.startsWith("https://registry.npmjs.org/")),
  );
  expect(elsewhere.map(([path]) => path)).toEqual([]);
});

/** Runs `.ci/audit.js` against a registry. */
async function audit(respond: RequestListener | null) {
  const server = createServer(respond ?? (() => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  if (respond === null) server.close();
  else
    closing.push(
      () => server.closeAllConnections(),
      () => server.close(),
    );
  const env = { ...process.env, npm_config_registry: registry, npm_config_cache: mkdtempSync(join(folder, "cache-")) };
  return new Promise<{ code: number; output: string }>((resolve) => {
    const child = execFile("node", [join(root, ".ci/audit.js")], { cwd: folder, env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}

const advisories =
  (body: object): RequestListener =>
  (request, response) => {
    request.resume();
    if (!request.url?.includes("advisories")) return response.writeHead(404).end("{}");
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
const advisory = (severity: string) => ({
  hono: [{ id: 1, url: "https://example.com", title: "Bad", severity, vulnerable_versions: "*", cwe: [], cvss: {} }],
});

test.each(["critical", "high"])(
  "CI fails when the registry knows a %s vulnerability",
  async (severity) => {
    const { code, output } = await audit(advisories(advisory(severity)));
    expect([code, output]).toEqual([1, expect.stringContaining(`hono has a ${severity} vulnerability: Bad`)]);
  },
  60_000,
);

test("CI passes with none, or with a moderate one", async () => {
  expect(await audit(advisories({}))).toMatchObject({ code: 0, output: expect.stringContaining("npm audit: 0 known") });
  expect(await audit(advisories(advisory("moderate")))).toMatchObject({ code: 0 });
}, 60_000);

test("CI passes, and says so, when the registry cannot be reached or takes no audits", async () => {
  for (const respond of [null, ((_, response) => response.writeHead(405).end()) satisfies RequestListener])
    expect(await audit(respond)).toMatchObject({ code: 0, output: expect.stringContaining("npm audit skipped: ") });
}, 60_000);

test("the image gets a bill of its materials: what runs, with hashes, and nothing that only builds", async () => {
  const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
  const command = /^RUN (npm pkg .* npm sbom .*) > (\S+)$/m.exec(dockerfile);
  expect(command?.[2]).toBe("sbom.cdx.json");
  // As `npm ci --omit=dev` leaves it, without the packages' code.
  const installed = locked.filter(([, { dev, devOptional, optional }]) => !dev && !devOptional && !optional);
  for (const [path] of installed) {
    mkdirSync(join(folder, path), { recursive: true });
    cpSync(join(root, path, "package.json"), join(folder, path, "package.json"));
  }
  const hidden = { name: "slipway", lockfileVersion: 3, requires: true, packages: Object.fromEntries(installed) };
  writeFileSync(join(folder, "node_modules/.package-lock.json"), JSON.stringify(hidden));
  const text = await new Promise<string>((resolve, reject) =>
    execFile("sh", ["-c", command?.[1] ?? ""], { cwd: folder, maxBuffer: 64e6 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    ),
  );
  const bom = JSON.parse(text) as {
    bomFormat: string;
    components: { purl: string; hashes?: { alg: string }[] }[];
  };
  expect(bom.bomFormat).toBe("CycloneDX");
  const purls = new Set(bom.components.map(({ purl }) => decodeURIComponent(purl.split("?")[0] ?? "")));
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, object>;
  for (const name of Object.keys(dependencies ?? {}))
    expect(purls).toContain(`pkg:npm/${name}@${lock.packages[`node_modules/${name}`]?.version}`);
  expect([...purls].filter((purl) => /\/(?:vitest|typescript|playwright-core)@/.test(purl))).toEqual([]);
  expect(bom.components.filter(({ hashes }) => !hashes?.some(({ alg }) => alg === "SHA-512"))).toEqual([]);
}, 60_000);
