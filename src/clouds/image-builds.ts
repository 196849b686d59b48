import type { App, Build } from "../app.ts";

/** What the app and its services run from: images that exist, and what is to be built. */
export const usedBuilds = ({ build, services, jobs }: App): Build[] => [
  ...(services.some((service) => !service.build) || jobs.length > 0 ? [build] : []),
  ...services.flatMap((service) => service.build ?? []),
];

export const buildKey = (build: Build): string => JSON.stringify(build);

/** What has to be built, each once; images that exist already need no making. */
export function buildsNeeded(app: App): Build[] {
  const all = usedBuilds(app).filter(({ kind }) => kind !== "image");
  return [...new Map(all.map((one) => [buildKey(one), one])).values()];
}

/** A build command that publishes a static site runs in our own Dockerfile; every other one is left to buildpacks. */
export const isBuiltByBuildpacks = (build: Build): boolean =>
  build.kind === "buildpacks" || (build.kind === "command" && build.publish === null);
