import { createRequire } from "node:module";
import type { Build } from "../../../app.ts";
import { closestMatch } from "../../closest-match.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../../format.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { parseJson } from "../../syntax/json.ts";
import { type Entry, get, itemsOf, kindOf, type ObjectTree, scalar, type Tree } from "../../syntax/tree.ts";
import { readAddons } from "./addons.ts";
import { readBuild } from "./build.ts";
import { readBuilder, readOptions } from "./cloud-run-button.ts";
import { buildpackOf, readEnv } from "./env.ts";
import { otherKind } from "./foreign.ts";
import { readFormation } from "./formation.ts";
import { readJobs } from "./jobs.ts";

// Loads the schemas only if there is a `cloud` object to validate.
const require = createRequire(import.meta.url);
const schemaValidator = () => require("../../cloud/validate.ts") as typeof import("../../cloud/validate.ts");

/** Heroku's manifest, with the dialects of Cloud Run Button and Dokku, and our `cloud` object. */
const appJsonFormat = (file: string): ManifestFormat => ({
  id: file,
  kind: "manifest",
  find: firstOf(file),
  alsoReads: () => ["static.json"],
  read(report, files) {
    const root = parseJson(report);
    const foreign = otherKind(root, report.text);
    if (foreign !== null) {
      report.problems.length = 0;
      report.remarks.length = 0;
      report.edits.length = 0;
      report.remark(null, `${report.file} here is ${foreign}, and no manifest for deploying.`);
      return null;
    }
    if (root === null) return {};
    if (root.kind === "object") return appOf(root, report, files);
    report.problem(root, `A manifest is an object, but this is ${kindOf(root)}.`, 'Write `{ "name": "…" }`.');
    return {};
  },
});

export const appjson = appJsonFormat("app.json");
/** The same format for repositories whose app.json belongs to another button. */
export const slipwayjson = appJsonFormat("slipway.json");

const textKeys = ["name", "description", "website", "logo"] as const;
const decisiveKeys = ["env", "addons", "formation", "buildpacks", "stack", "image", "options", "build"];
const otherKeys = new Set([
  "repository",
  "$schema",
  "cloud",
  "stack",
  "image",
  "buildpacks",
  "build",
  "hooks",
  "options",
]);
const knownKeys = [
  ...textKeys,
  ...otherKeys,
  ...["keywords", "success_url", "env", "addons", "formation", "scripts", "environments", "cron", "healthchecks"],
];

function appOf(root: ObjectTree, report: Diagnostics, files: Files): PartialApp {
  const member = (key: string) => get(root, key);
  const unknown: [string, Entry][] = [];
  for (const [key, entry] of root.entries) {
    if (knownKeys.includes(key)) continue;
    const match = closestMatch(key, knownKeys);
    if (match === undefined) unknown.push([key, entry]);
    else
      report.remark(
        entry.key,
        `\`${short(key)}\` is no key of an app.json, and is passed over.`,
        `Did you mean \`${match}\`?`,
      );
  }
  remarkUnknown(unknown, report);
  if (member("environments") !== undefined) {
    const message = "`environments` is for test and review apps; what is deployed here is the app itself.";
    report.remark(member("environments") ?? null, message);
  }
  const part: PartialApp = {};
  for (const key of textKeys) {
    const text = textOf(member(key), key, report);
    if (text) part[key] = text;
  }
  for (const key of ["website", "logo"] as const) {
    if (part[key] === undefined || /^https?:\/\/[^\s]+$/.test(part[key])) continue;
    report.remark(
      member(key) ?? null,
      `\`${short(part[key])}\` is no address, so there is no ${key}.`,
      "Write `https://…`.",
    );
    delete part[key];
  }
  const keywords = keywordsOf(member("keywords"), report);
  if (keywords.length > 0) part.keywords = keywords;
  const success = successOf(member("success_url"), report);
  if (success) part.success = success;

  const { resources, variables } = readAddons(member("addons"), report);
  const declared = readEnv(member("env"), report);
  const names = new Set(declared.map(({ name }) => name));
  if (member("env") ?? member("addons")) {
    part.resources = resources;
    part.variables = [...declared, ...variables.filter(({ name }) => !names.has(name))];
  }
  const jobs = readJobs(member("scripts"), member("cron"), report);
  if (jobs.length > 0) part.jobs = jobs;
  const services = servicesOf(root, report);
  if (services.length > 0) part.services = services;
  const build = buildOf(root, report, files);
  if (build) part.build = build;
  const tree = member("cloud");
  const cloud = tree && schemaValidator().readCloud(tree, report);
  if (tree && cloud) part.cloud = { spec: cloud, tree };
  if (decisiveKeys.some((key) => root.entries.has(key))) part.isFinal = true;
  return part;
}

/** One remark for all keys that are not ours, at the first of them. */
function remarkUnknown(unknown: readonly [string, Entry][], report: Diagnostics): void {
  const [first] = unknown;
  if (!first) return;
  const names = unknown.slice(0, 8).map(([key]) => `\`${short(key)}\``);
  const list = `${names.join(", ")}${unknown.length > 8 ? ", …" : ""}`;
  const message =
    unknown.length === 1
      ? `${list} is no key of an app.json, and is passed over.`
      : `${list} are no keys of an app.json, and are passed over.`;
  report.remark(first[1].key, message);
}

function servicesOf(root: Tree, report: Diagnostics): ServicePart[] {
  const services = readFormation(get(root, "formation"), get(root, "healthchecks"), report);
  const options = readOptions(get(root, "options"), report);
  if (options === null) return services;
  const { name, ...extra } = options;
  const web = services.find((service) => service.name === name);
  if (web) Object.assign(web, { ...extra, ...web });
  else services.unshift(options);
  return services;
}

function buildOf(root: Tree, report: Diagnostics, files: Files): Build | null {
  const builder = readBuilder(root, report);
  if (builder) return { kind: "buildpacks", builder, buildpacks: [], language: null };
  return readBuild(
    {
      stack: get(root, "stack"),
      image: get(root, "image"),
      buildpacks: get(root, "buildpacks"),
      variable: buildpackOf(get(root, "env")),
    },
    report,
    files,
  );
}

/** Reads a scalar as text. */
function textOf(tree: Tree | undefined, key: string, report: Diagnostics): string {
  if (tree === undefined || tree.kind === "null") return "";
  const text = scalar(tree);
  if (text === undefined) report.remark(tree, `\`${key}\` is ${kindOf(tree)} where text belongs, and is passed over.`);
  else if (tree.kind !== "text")
    report.remark(tree, `\`${key}\` is ${kindOf(tree)}; it is taken as text.`, `Write \`"${text}"\`.`);
  return (text ?? "").trim().slice(0, 2000);
}

function keywordsOf(tree: Tree | undefined, report: Diagnostics): string[] {
  if (tree === undefined || tree.kind === "null") return [];
  if (tree.kind !== "list") {
    const words =
      scalar(tree)
        ?.split(/[\s,]+/)
        .filter(Boolean) ?? [];
    const edit = { at: tree.at, remove: tree.end - tree.at, insert: JSON.stringify(words) };
    report.fault(tree, `\`keywords\` is ${kindOf(tree)} where a list belongs.`, 'Write `["one", "two"]`.', edit);
    return words.slice(0, 50);
  }
  return itemsOf(tree)
    .map((item) => scalar(item)?.trim().slice(0, 100) ?? "")
    .filter(Boolean)
    .slice(0, 50);
}

function successOf(tree: Tree | undefined, report: Diagnostics): string | null {
  const text = textOf(tree, "success_url", report);
  if (text === "" || /^\/(?!\/)\S*$/.test(text) || /^https?:\/\/\S+$/.test(text)) return text || null;
  if (/^[\w-][\w./?=&%-]*$/.test(text) && !text.includes("..")) {
    report.remark(tree ?? null, "`success_url` is taken as a path of the app.", `Write \`"/${text}"\`.`);
    return `/${text}`;
  }
  report.remark(
    tree ?? null,
    `\`${short(text)}\` is neither a path nor an address.`,
    'Write `"/welcome"` or `"https://…"`.',
  );
  return null;
}
