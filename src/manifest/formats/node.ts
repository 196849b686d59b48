import type { Build } from "../../app.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp } from "../format.ts";
import { parseJson } from "../syntax/json.ts";
import { get, scalar, type Tree } from "../syntax/tree.ts";

/** A Node program. The buildpack runs `npm start`, or `node server.js` without such a script. */
export const node: ManifestFormat = {
  id: "package.json",
  kind: "hint",
  language: true,
  find: firstOf("package.json"),
  read(report, files) {
    const root = parseJson(report);
    // npm reports errors of this file; they do not concern deploying.
    report.problems.length = 0;
    report.remarks.length = 0;
    if (root === null) return {};
    const part: PartialApp = {};
    const description = scalar(get(root, "description"))?.trim();
    if (description) part.description = description.slice(0, 2000);
    const start = scalar(get(get(root, "scripts"), "start")) ?? "";
    const staticSite = siteOf(root, start, files);
    if (staticSite) {
      part.build = staticSite;
      part.services = [{ name: "web" }];
      report.remark(
        null,
        `It is taken for a site of plain files, built into \`${staticSite.publish}\`.`,
        "Say otherwise in a Procfile: `web: …`.",
      );
    } else if ((start !== "" || files.list.includes("server.js")) && !isMobileApp(root))
      part.services = [{ name: "web" }];
    return part;
  },
};

const depends = (root: Tree, name: string): boolean =>
  (get(get(root, "dependencies"), name) ?? get(get(root, "devDependencies"), name)) !== undefined;

/** The `start` script of a mobile app starts its development server. */
const isMobileApp = (root: Tree): boolean =>
  get(get(root, "dependencies"), "expo") !== undefined || depends(root, "react-native");

/** [dependency, development server, output folder] */
const generators: readonly (readonly [string, RegExp, string])[] = [
  ["react-scripts", /^react-scripts start/, "build"],
  ["@vue/cli-service", /^vue-cli-service serve/, "dist"],
  ["gatsby", /^gatsby develop|^npm run develop/, "public"],
  ["@docusaurus/core", /^docusaurus start/, "build"],
  ["@11ty/eleventy", /^(npx )?(@11ty\/)?eleventy/, "_site"],
  ["parcel", /^parcel( serve)?( |$)/, "dist"],
  ["vite", /^vite( dev| serve| preview)?( |$)|^npm run (dev|preview)$/, "dist"],
];

function siteOf(root: Tree, start: string, files: Files): (Build & { kind: "command" }) | null {
  const script = scalar(get(get(root, "scripts"), "build"));
  const generator = generators.find(([name, serves]) => depends(root, name) && (start === "" || serves.test(start)));
  if (!script || !generator || files.list.includes("server.js") || files.list.includes("Procfile")) return null;
  // Frameworks that build with vite but run a server.
  const serverFrameworks = [
    "express",
    "@remix-run/node",
    "@react-router/node",
    "@sveltejs/adapter-node",
    "@sveltejs/kit",
    "nuxt",
    "next",
    "@astrojs/node",
    "vinxi",
  ];
  if (serverFrameworks.some((name) => depends(root, name))) return null;
  return { kind: "command", command: nodeBuild(files.list), publish: generator[2] };
}

/** Returns the install and build command for the lock file. */
export function nodeBuild(list: readonly string[]): string {
  if (list.includes("pnpm-lock.yaml")) return "corepack enable && pnpm install --frozen-lockfile && pnpm run build";
  if (list.includes("yarn.lock")) return "corepack enable && yarn install && yarn run build";
  return list.includes("package-lock.json") ? "npm ci && npm run build" : "npm install && npm run build";
}
