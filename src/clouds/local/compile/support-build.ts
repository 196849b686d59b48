import type { App } from "../../../app.ts";
import type { Remark } from "../../../plan.ts";
import { remark } from "../../remark.ts";
import type { Installed } from "../programs.ts";
import { languages, missingProgram, type Runtime, runtimeOf } from "./runtimes.ts";

/** Returns how this machine's build differs from the one the manifest describes. */
export function buildRemarks({ build, read }: App, machine: Installed): Remark[] {
  const runtime = runtimeOf(build, (file) => read.includes(file));
  if (build.kind === "image" || build.kind === "dockerfile") {
    const container = build.kind === "image" ? `the image ${build.image}` : `the ${build.dockerfile || "Dockerfile"}`;
    if (!runtime) {
      const message = `This machine runs no containers, so ${container} cannot be used here.`;
      return [remark("missing", "build", message, "Choose another cloud.")];
    }
    const message = `This machine runs no containers: instead of ${container}, the files are built as a ${runtime.name} app.`;
    return [remark("approximate", "build", message), ...toolRemarks(runtime, machine)];
  }
  if (runtime) return [...buildpackRemarks(build, runtime.name), ...toolRemarks(runtime, machine)];
  if (build.kind === "buildpacks" && build.language !== null) {
    const message = `This machine builds ${languages.join(", ")}, and no ${build.language}.`;
    return [remark("missing", "build", message, "Choose another cloud.")];
  }
  return [];
}

function toolRemarks(runtime: Runtime, machine: Installed): Remark[] {
  const program = missingProgram(runtime, machine.has);
  if (!program) return [];
  const message = `A ${runtime.name} app needs ${program}, which is not on the PATH of this machine.`;
  return [remark("missing", "build", message, `To have it, ${runtime.install}; then reload this page.`)];
}

/** Names buildpacks that do more than build the app's language. */
function buildpackRemarks(build: App["build"], language: string): Remark[] {
  if (build.kind !== "buildpacks") return [];
  const word = language.replace(/\.js$/, "").toLowerCase();
  const official = new RegExp(`heroku.*[/-]${word}(js)?([^a-z]|$)`, "i");
  const others = build.buildpacks.filter((buildpack) => !official.test(buildpack));
  if (others.length === 0) return [];
  const message = `The files are built as a ${language} app, without ${others.join(", ")}.`;
  return [remark("approximate", "build", message)];
}
