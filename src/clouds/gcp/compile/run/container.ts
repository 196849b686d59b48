import type { Build, Volume } from "../../../../app.ts";
import { type Limits, resourceLimits } from "../../presets.ts";
import type { Value } from "../../stack.ts";
import type { CompileContext } from "../context.ts";
import { containerEnv, type EnvEntry } from "../environment.ts";
import { concat, type JsonObject } from "../expressions.ts";
import { imageName } from "../resources/artifact-registry.ts";
import { proxyName } from "./cloud-sql-proxy.ts";
import type { MountedBucket } from "./gcs-volumes.ts";

const isBuiltByBuildpacks = (build: Build) =>
  build.kind === "buildpacks" || (build.kind === "command" && build.publish === null);

/** Buildpacks set up the environment in a program of theirs, so that is what starts the shell. */
const shell = (build: Build, command: string): JsonObject =>
  isBuiltByBuildpacks(build)
    ? { command: ["/cnb/lifecycle/launcher"], args: ["bash", "-c", command] }
    : { command: ["/bin/sh"], args: ["-c", command] };

interface Container {
  name: string;
  build: Build;
  command: string | null;
  entries: EnvEntry[];
  resources: Limits;
  /** What else Cloud Run is told of it. */
  more?: JsonObject;
  /** How its processor is paid for; not said of jobs and workers. */
  billing?: JsonObject;
  volumes?: Volume[];
}

/** A container of the app. It starts when the proxy is there. */
export function container(
  setting: CompileContext,
  { name, build, command, entries, resources, more = {}, billing = {}, volumes = [] }: Container,
  { proxied, folder }: { proxied: boolean; folder: (volume: Volume) => MountedBucket | undefined },
): JsonObject {
  const mounts = volumes.flatMap((volume): Value[] => {
    const found = folder(volume);
    return found ? [{ name: found.name, mountPath: volume.mount }] : [];
  });
  return {
    name,
    image: concat(...imageName(setting.app, build)),
    ...(command === null ? {} : shell(build, command)),
    env: containerEnv(entries),
    resources: { limits: resourceLimits(resources), ...billing },
    ...more,
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(proxied ? { dependsOn: [proxyName] } : {}),
  };
}
