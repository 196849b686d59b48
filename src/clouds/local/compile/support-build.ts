import type { App } from "../../../app.ts";
import type { Remark } from "../../../plan.ts";
import { remark } from "../../remark.ts";
import { languages, missingProgram, runtimeOf } from "./runtimes.ts";

/** What this machine makes of how an app is built. */
export function builds(app: App, path: string): Remark[] {
  const { build } = app;
  const runtime = runtimeOf(build, (file) => app.read.includes(file));
  if (build.kind === "image" || build.kind === "dockerfile") {
    const what = build.kind === "image" ? `the image ${build.image}` : `the ${build.dockerfile || "Dockerfile"}`;
    if (!runtime)
      return [
        remark(
          "missing",
          "build",
          `This machine runs no containers, so ${what} cannot be used here.`,
          "Choose another cloud.",
        ),
      ];
    const instead = remark(
      "approximate",
      "build",
      `This machine runs no containers: instead of ${what}, the files are built as a ${runtime.name} app.`,
    );
    return [instead, ...tools(runtime, path)];
  }
  if (runtime) return [...packs(build, runtime.name), ...tools(runtime, path)];
  if (build.kind === "buildpacks" && build.language !== null) {
    const fix = "Choose another cloud.";
    return [remark("missing", "build", `This machine builds ${languages.join(", ")}, and no ${build.language}.`, fix)];
  }
  return [];
}

function tools(runtime: NonNullable<ReturnType<typeof runtimeOf>>, path: string): Remark[] {
  const program = missingProgram(runtime, path);
  if (!program) return [];
  const message = `A ${runtime.name} app needs ${program}, which is not on the PATH of this machine.`;
  return [remark("missing", "build", message, `To have it, ${runtime.install}; then reload this page.`)];
}

/** Buildpacks that do more than build the language we build. */
function packs(build: App["build"], language: string): Remark[] {
  if (build.kind !== "buildpacks") return [];
  const word = language.replace(/\.js$/, "").toLowerCase();
  const plain = new RegExp(`heroku.*[/-]${word}(js)?([^a-z]|$)`, "i");
  const others = build.buildpacks.filter((pack) => !plain.test(pack));
  if (others.length === 0) return [];
  const message = `The files are built as a ${language} app, without ${others.join(", ")}.`;
  return [remark("approximate", "build", message)];
}
