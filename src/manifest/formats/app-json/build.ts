import type { Build } from "../../../app.ts";
import type { Files } from "../../format.ts";
import { buildpackName, languageOf, languageOfBuildpack } from "../../infer/languages.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { get, itemsOf, kindOf, scalar, type Tree } from "../../syntax/tree.ts";
import { nodeBuild } from "../node.ts";

interface Keys {
  stack: Tree | undefined;
  image: Tree | undefined;
  buildpacks: Tree | undefined;
  /** The old `BUILDPACK_URL`. */
  variable: string | undefined;
}

/** Returns how Heroku would build the app; null if other files decide. */
export function readBuild(keys: Keys, report: Diagnostics, files: Files): Build | null {
  const buildpacks = listOf(keys.buildpacks, report);
  if (keys.variable && buildpacks.length === 0) buildpacks.push(keys.variable);
  const stack = scalar(keys.stack)?.trim() ?? "";
  const image = scalar(keys.image)?.trim() ?? "";
  if (stack === "container") {
    if (buildpacks.length > 0) {
      report.remark(
        keys.buildpacks ?? null,
        "The stack is `container`, so these buildpacks are not used.",
        "Remove one of them.",
      );
    }
    if (image !== "") report.remark(keys.image ?? null, "The stack is `container`, so `image` is not used.");
    if (files.list.includes("heroku.yml")) return null;
    if (!files.list.includes("Dockerfile")) {
      const message = "The stack is `container`, but there is neither a heroku.yml nor a Dockerfile beside this file.";
      report.remark(keys.stack ?? null, message, "Add a Dockerfile.");
    }
    return { kind: "dockerfile", dockerfile: "Dockerfile", context: "." };
  }
  if (stack !== "" && !/^heroku-\d\d$|^cedar(-14)?$/.test(stack)) {
    report.remark(keys.stack ?? null, `The stack \`${short(stack)}\` is not known, and is passed over.`);
  }
  if (buildpacks.some((url) => buildpackName(url) === "static")) return staticSite(buildpacks, files, report);
  if (buildpacks.length > 0) {
    const language =
      buildpacks.map(languageOfBuildpack).findLast((candidate) => candidate !== null) ?? languageOf(files.list);
    return { kind: "buildpacks", builder: null, buildpacks, language };
  }
  return fromImage(image, keys.image, report, files);
}

/** Reads `image`: once a buildpack image (`heroku/ruby`), today a container image. */
function fromImage(image: string, where: Tree | undefined, report: Diagnostics, files: Files): Build | null {
  if (image === "") return null;
  if (/^heroku\//.test(image)) {
    const language = languageOf(files.list) ?? languageOfBuildpack(image);
    return { kind: "buildpacks", builder: null, buildpacks: [], language };
  }
  if (!/^[a-z0-9][a-z0-9._-]*(:\d+)?(\/[a-z0-9][a-z0-9._-]*)*(:[\w.-]+)?(@sha256:[a-f0-9]{64})?$/.test(image)) {
    report.remark(where ?? null, `\`${short(image)}\` is no name of an image, and is passed over.`);
    return null;
  }
  if (files.list.includes("Dockerfile")) {
    report.remark(where ?? null, "There is a Dockerfile, so `image` is not used.", "Remove one of them.");
    return { kind: "dockerfile", dockerfile: "Dockerfile", context: "." };
  }
  return { kind: "image", image };
}

/** Returns the build of heroku-buildpack-static, which serves the `root` of static.json. */
function staticSite(buildpacks: readonly string[], files: Files, report: Diagnostics): Build {
  const [, root = "public_html"] = /"root"\s*:\s*"([^"\\]{1,200})"/.exec(files.text.get("static.json") ?? "") ?? [];
  const publish = root.replace(/^(\.?\/)+|\/+$/g, "") || ".";
  const node = buildpacks.map(languageOfBuildpack).includes("node");
  if (publish.split("/").includes("..")) {
    report.remark(null, "The `root` of static.json is outside the app; the app's folder is served.");
    return { kind: "command", command: null, publish: "." };
  }
  return { kind: "command", command: node ? nodeBuild(files.list) : null, publish };
}

function listOf(tree: Tree | undefined, report: Diagnostics): string[] {
  if (tree === undefined || tree.kind === "null") return [];
  if (tree.kind !== "list") {
    const url = scalar(tree) ?? scalar(get(tree, "url"));
    const fix = 'Write `"buildpacks": [{ "url": "heroku/nodejs" }]`.';
    if (url === undefined) report.problem(tree, `\`buildpacks\` is ${kindOf(tree)} where a list belongs.`, fix);
    else report.remark(tree, `\`buildpacks\` is ${kindOf(tree)} where a list belongs.`, fix);
    return url === undefined ? [] : [url];
  }
  return itemsOf(tree).flatMap((item) => {
    const url = (scalar(get(item, "url")) ?? scalar(item))?.trim();
    if (url) return [url];
    report.remark(item, "This buildpack has no `url`, and is passed over.", 'Write `{ "url": "heroku/nodejs" }`.');
    return [];
  });
}
