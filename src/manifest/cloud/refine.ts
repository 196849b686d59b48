import type { Build } from "../../app.ts";
import { inside } from "../components.ts";
import type { Merged } from "../format.ts";
import type { Diagnostics } from "../syntax/diagnostics.ts";
import { get, type Tree } from "../syntax/tree.ts";
import { refineJobs } from "./jobs.ts";
import { overridesOf } from "./providers.ts";
import { refineResources } from "./resources.ts";
import type { Cloud } from "./schema.ts";
import { refineServices } from "./services.ts";
import { checkSettings } from "./settings.ts";
import { refineEnv, type SourceLocation } from "./variables.ts";

/** Applies the `cloud` object to the app. */
export function refine(
  all: Merged,
  cloud: Cloud,
  tree: Tree,
  report: Diagnostics,
  cloudIds?: readonly string[],
): Merged {
  const location: SourceLocation = { report, at: (...path) => path.reduce((at, key) => get(at, key) ?? at, tree) };
  const build = buildOf(cloud, all.build);
  const services = refineServices(all.services, cloud, location);
  const resources = refineResources(all.resources, cloud, location);
  const jobs = refineJobs(all.jobs, cloud, location);
  const overrides = overridesOf(cloud);
  const refined: Merged = {
    ...all,
    services,
    resources,
    jobs,
    ...(build ? { build } : {}),
    ...(overrides ? { overrides } : {}),
    ...(cloud.settings ? { settings: cloud.settings } : {}),
  };
  checkSettings(cloud.settings ?? {}, location, cloudIds);
  return refineEnv(refined, cloud.env ?? {}, location);
}

function buildOf({ image, build }: Cloud, current: Build | undefined): Build | undefined {
  if (image !== undefined) return { kind: "image", image };
  if (build === undefined) return current;
  if (build.publish !== undefined)
    return { kind: "command", command: build.command ?? null, publish: inside(build.publish) };
  if (build.dockerfile !== undefined || (build.builder === undefined && build.buildpacks === undefined)) {
    const base = current?.kind === "dockerfile" ? current : { dockerfile: "Dockerfile", context: "." };
    const dockerfile = inside(build.dockerfile ?? base.dockerfile);
    const context = build.context === undefined ? base.context : inside(build.context);
    return { kind: "dockerfile", dockerfile, context, ...(build.args ? { args: build.args } : {}) };
  }
  const base = current?.kind === "buildpacks" ? current : { builder: null, buildpacks: [], language: null };
  const { builder = base.builder, buildpacks = base.buildpacks } = build;
  return { kind: "buildpacks", builder, buildpacks, language: base.language };
}
