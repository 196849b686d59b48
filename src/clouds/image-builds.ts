import type { App, Build } from "../app.ts";

/** Returns the builds that the app's services and jobs use, existing images included. */
export const usedBuilds = ({ build, services, jobs }: App): Build[] => [
  ...(services.some((service) => !service.build) || jobs.length > 0 ? [build] : []),
  ...services.flatMap((service) => service.build ?? []),
];

export const buildKey = (build: Build): string => JSON.stringify(build);

/** Returns the images to build, without duplicates and without existing images. */
export function buildsNeeded(app: App): Build[] {
  const builds = usedBuilds(app).filter(({ kind }) => kind !== "image");
  return [...new Map(builds.map((build) => [buildKey(build), build])).values()];
}

/** Whether an image is built by buildpacks, whose launcher has to start its commands. */
export const usesBuildpacks = (build: Build): boolean =>
  build.kind === "buildpacks" || (build.kind === "command" && build.publish === null);
