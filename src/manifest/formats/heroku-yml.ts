import type { Build } from "../../app.ts";
import { closestMatch } from "../closest-match.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../format.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, kindOf, scalar, type Tree } from "../syntax/tree.ts";
import { parseYaml } from "../syntax/yaml.ts";
import { readAddons } from "./app-json/addons.ts";
import { readEnv } from "./app-json/env.ts";

const knownKeys = ["setup", "build", "release", "run"];

/** How Heroku builds and runs an app whose stack is `container`. */
export const herokuyml: ManifestFormat = {
  id: "heroku.yml",
  kind: "hint",
  find: firstOf("heroku.yml"),
  alsoReads: () => ["app.json", "slipway.json"],
  read(report, files) {
    if (files.list.includes("Procfile") && !isContainerStack(files)) {
      const message = "heroku.yml counts only on the stack `container`, so the Procfile is used.";
      report.remark(null, message, 'Write `"stack": "container"` in an app.json, or remove one of them.');
      return null;
    }
    const root = parseYaml(report);
    if (root === null) return {};
    if (root.kind !== "object") {
      report.problem(root, `A heroku.yml is an object, but this is ${kindOf(root)}.`, "Begin with `build:`.");
      return {};
    }
    for (const [key, entry] of root.entries) {
      if (knownKeys.includes(key)) continue;
      const match = closestMatch(key, knownKeys);
      report.remark(
        entry.key,
        `\`${short(key)}\` is no key of a heroku.yml.`,
        match ? `Did you mean \`${match}\`?` : "",
      );
    }
    const part: PartialApp = {};
    const { build, services } = buildOf(get(root, "build"), report);
    if (build) part.build = build;
    for (const [name, { value }] of entriesOf(get(root, "run"))) {
      const command = commandOf(value);
      const service = services.get(name);
      if (service && command) service.command = command;
      else services.set(name, command ? { name, command } : { name });
    }
    if (services.size > 0) part.services = [...services.values()];
    const release = commandOf(get(root, "release"));
    if (release) part.jobs = [{ name: "release", entrypoint: null, command: release, when: "release", schedule: null }];
    const setup = get(root, "setup");
    if (setup?.kind === "object") {
      const { resources, variables } = readAddons(get(setup, "addons"), report);
      part.resources = resources;
      part.variables = [...readEnv(get(setup, "config"), report), ...variables];
    }
    return part;
  },
};

/** Returns whether the app.json chooses the stack that builds images. */
const isContainerStack = ({ text }: Files): boolean =>
  ["slipway.json", "app.json"].some((file) => /"stack"\s{0,20}:\s{0,20}"container"/.test(text.get(file) ?? ""));

function buildOf(tree: Tree | undefined, report: Diagnostics): { build?: Build; services: Map<string, ServicePart> } {
  const services = new Map<string, ServicePart>();
  const args = Object.fromEntries(
    entriesOf(get(tree, "config")).map(([name, { value }]) => [name, scalar(value) ?? ""]),
  );
  let build: Build | undefined;
  for (const [name, { value }] of entriesOf(get(tree, "docker"))) {
    const path = (scalar(value) ?? scalar(get(value, "dockerfile")))?.trim().replace(/^\.?\/+/, "");
    services.set(name, { name });
    if (!path) continue;
    // Heroku builds in the folder of the Dockerfile.
    const context = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
    if (build === undefined || (name === "web" && build.kind === "dockerfile" && build.dockerfile !== path)) {
      if (build) report.remark(value, "One image runs every process: the one of `web`.");
      build = { kind: "dockerfile", dockerfile: path, context };
    } else if (build.kind === "dockerfile" && build.dockerfile !== path) {
      report.remark(
        value,
        `One image runs every process; \`${short(path)}\` is not built.`,
        "Build both in one Dockerfile.",
      );
    }
  }
  if (build?.kind === "dockerfile" && Object.keys(args).length > 0) build = { ...build, args };
  return build ? { build, services } : { services };
}

/** Reads a command: text, a list, or an object with `command`. */
function commandOf(tree: Tree | undefined): string | undefined {
  if (tree?.kind === "object") return commandOf(get(tree, "command"));
  if (tree?.kind !== "list") return scalar(tree)?.trim() || undefined;
  const words = itemsOf(tree).flatMap((item) => scalar(item) ?? []);
  return words.length > 0 ? words.join(" ") : undefined;
}
