import type { App } from "../app.ts";
import type { Remark } from "../plan.ts";
import { remark } from "./remark.ts";

/** The languages heroku/builder:24 builds. */
const languages = ["node", "python", "ruby", "go", "java", "scala", "php", "dotnet"];

/** Returns how a cloud's build from the pinned commit differs. `unreachable` says why it cannot build a local folder. */
export function buildRemarks({ build, source }: App, unreachable: string): Remark[] {
  const remarks: Remark[] = [];
  if (source.host === "local")
    remarks.push(remark("missing", "source", unreachable, "Push it to a public repository on GitHub."));
  if (build.kind === "command" && build.publish === null && build.command !== null)
    remarks.push(
      remark("approximate", "build", `Buildpacks build the app as they think best, without \`${build.command}\`.`),
    );
  if (build.kind !== "buildpacks") return remarks;
  if (build.language !== null && build.builder === null && !languages.includes(build.language))
    remarks.push(
      remark(
        "missing",
        "build",
        `The buildpacks used here build ${languages.join(", ")}, and no ${build.language}.`,
        "Add a Dockerfile.",
      ),
    );
  if (build.buildpacks.length > 0)
    remarks.push(
      remark(
        "approximate",
        "build",
        `Cloud Native Buildpacks choose themselves by the files there are; ${build.buildpacks.join(", ")} are not used.`,
        "If the build needs something else, add a Dockerfile.",
      ),
    );
  return remarks;
}
