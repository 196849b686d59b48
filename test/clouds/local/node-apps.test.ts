import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { productionStart } from "../../../src/clouds/local/compile/dev-servers.ts";
import { packageManager } from "../../../src/clouds/local/compile/package-manager.ts";
import { anApp, aService } from "../../harness/apps.ts";
import { logLines } from "../consumer.ts";
import { createLocalCloud, succeed } from "./local-cloud.ts";

const scratch = mkdtempSync(join(tmpdir(), "slipway-test-"));
afterAll(() => rmSync(scratch, { recursive: true, maxRetries: 5 }));

describe("the package manager", () => {
  const detect = (files: Record<string, string>, installed: string[] = []) => {
    const project = { has: (path: string) => path in files, read: (path: string) => files[path] ?? "" };
    const manager = packageManager(project, (program) => installed.includes(program));
    return [manager.package, manager.install];
  };
  const pinned = (packageManager: unknown) => ({ "package.json": JSON.stringify({ packageManager }) });

  test.each<[string, Record<string, string>, string | null, string]>([
    ["no lockfile", {}, null, "npm install"],
    ["npm's lockfile", { "package-lock.json": "{}" }, null, "npm ci"],
    [
      "pnpm's",
      { "pnpm-lock.yaml": "lockfileVersion: '9.0'\n" },
      "pnpm@9",
      "pnpm install --prod=false --frozen-lockfile",
    ],
    [
      "an old pnpm's",
      { "pnpm-lock.yaml": "lockfileVersion: 5.4\n" },
      "pnpm@7",
      "pnpm install --prod=false --frozen-lockfile",
    ],
    [
      "Yarn 1's",
      { "yarn.lock": "# yarn lockfile v1\n" },
      "yarn@1",
      "yarn install --production=false --frozen-lockfile",
    ],
    ["Yarn Berry's", { "yarn.lock": "__metadata:\n  version: 8\n" }, "@yarnpkg/cli-dist@4", "yarn install --immutable"],
    ["Bun's", { "bun.lock": "{}" }, "bun@1", "bun install --frozen-lockfile"],
    ["a pinned pnpm", pinned("pnpm@8.15.4+sha256.abc"), "pnpm@8.15.4", "pnpm install --prod=false"],
    ["a pinned Yarn Berry", pinned("yarn@3.6.1"), "@yarnpkg/cli-dist@3.6.1", "yarn install"],
    ["a pinned npm", { ...pinned("npm@10.2.0"), "package-lock.json": "" }, null, "npm ci"],
    ["a hostile pin", pinned("pnpm@1.0.0; touch pwned"), null, "npm install"],
  ])("for %s is fetched if it is missing", (_, files, fetched, install) =>
    expect(detect(files)).toEqual([fetched, install]),
  );

  test("on this machine is used, unless another version is pinned or needed", () => {
    expect(detect({ "pnpm-lock.yaml": "" }, ["pnpm"])[0]).toBeNull();
    expect(detect(pinned("pnpm@8.15.4"), ["pnpm"])[0]).toBe("pnpm@8.15.4");
    expect(detect({ "yarn.lock": "__metadata:" }, ["yarn"])[0]).toBe("@yarnpkg/cli-dist@4");
  });
});

test.each([
  ["next dev", { command: "next start" }],
  ["next dev --turbo -p 3000", { command: "next start" }],
  ["NODE_ENV=development npx astro dev", { publish: "dist" }],
  ["vite --host", { publish: "dist" }],
  ["cross-env CI=1 react-scripts start", { publish: "build" }],
  ["next start", null],
  ["vite preview", null],
  ["node server.js", null],
  ["vite build && node server.js", null],
])("%s runs in production as %o", (script, expected) => expect(productionStart(script)).toEqual(expected));

test("a site whose start script is a development server is built and served", async () => {
  const { cloud, deploy } = createLocalCloud();
  const scripts = { start: "vite", build: "mkdir -p dist && echo built > dist/index.html" };
  const run = deploy(anApp({ services: [aService({ command: null })] }), {
    "package.json": JSON.stringify({ name: "site", version: "1.0.0", scripts }),
  });
  expect(await (await fetch(await succeed(cloud, run))).text()).toBe("built\n");
});

/** Serves one package as an npm registry does. */
async function serveRegistry(name: string, version: string, bin: string) {
  const folder = join(scratch, name);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, bin: { [name]: "bin.js" } }));
  writeFileSync(join(folder, "bin.js"), `#!/usr/bin/env node\n${bin}`, { mode: 0o755 });
  execFileSync("npm", ["pack", "--pack-destination", scratch], { cwd: folder, stdio: "ignore" });
  const tarball = readFileSync(join(scratch, `${name}-${version}.tgz`));
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const server = createServer((request, response) => {
    if (request.url?.endsWith(".tgz")) return response.end(tarball);
    if (request.url !== `/${name}`) return response.writeHead(404).end("{}");
    const dist = { tarball: `${origin}/${name}.tgz`, integrity };
    const versions = { [version]: { name, version, bin: { [name]: "bin.js" }, dist } };
    return response.end(JSON.stringify({ name, "dist-tags": { latest: version }, versions }));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, server };
}

test("a pinned package manager is fetched from the registry, and builds and starts the app", async () => {
  const bin = `
    const { spawnSync } = require("node:child_process");
    console.log("pnpm 8.15.4 " + process.argv.slice(2).join(" "));
    const { scripts } = JSON.parse(require("node:fs").readFileSync("package.json", "utf8"));
    if (process.argv[2] === "run") process.exit(spawnSync("sh", ["-c", scripts[process.argv[3]]], { stdio: "inherit" }).status);`;
  const { origin, server } = await serveRegistry("pnpm", "8.15.4", bin);
  const environment = { ...process.env, npm_config_registry: origin, npm_config_cache: join(scratch, "cache") };
  const { cloud, deploy } = createLocalCloud({ environment });
  const scripts = { build: "echo built > built.txt", start: "pnpm run serve", serve: "node server.js" };
  const run = deploy(anApp({ services: [aService({ command: null })] }), {
    "package.json": JSON.stringify({ name: "an-app", version: "1.0.0", packageManager: "pnpm@8.15.4", scripts }),
    "pnpm-lock.yaml": "lockfileVersion: '6.0'\n",
    "server.js": `require("node:http").createServer((_, response) => {
      response.end(require("node:fs").readFileSync("built.txt"));
    }).listen(process.env.PORT)`,
  });
  expect(await (await fetch(await succeed(cloud, run))).text()).toBe("built\n");
  server.close();
  expect(logLines(run)).toEqual(
    expect.arrayContaining([
      '$ npm install --global --prefix "$MADE" pnpm@8.15.4',
      "pnpm 8.15.4 install --prod=false --frozen-lockfile",
      "pnpm 8.15.4 run build",
      "pnpm 8.15.4 run start",
      "pnpm 8.15.4 run serve",
    ]),
  );
}, 60_000);
