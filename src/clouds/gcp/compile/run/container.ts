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

/** The launcher of buildpacks sets up the environment, so it has to start the shell. */
const shellCommand = (build: Build, command: string): JsonObject =>
  isBuiltByBuildpacks(build)
    ? { command: ["/cnb/lifecycle/launcher"], args: ["bash", "-c", command] }
    : { command: ["/bin/sh"], args: ["-c", command] };

interface Container {
  name: string;
  build: Build;
  command: string | null;
  entries: EnvEntry[];
  resources: Limits;
  /** More fields of the container. */
  overrides?: JsonObject;
  /** CPU allocation; not set for jobs and worker pools. */
  billing?: JsonObject;
  volumes?: Volume[];
}

/** Builds a container of the app, which starts after the proxy. */
export function container(
  context: CompileContext,
  { name, build, command, entries, resources, overrides = {}, billing = {}, volumes = [] }: Container,
  { proxied, bucketFor }: { proxied: boolean; bucketFor: (volume: Volume) => MountedBucket | undefined },
): JsonObject {
  const mounts = volumes.flatMap((volume): Value[] => {
    const bucket = bucketFor(volume);
    return bucket ? [{ name: bucket.name, mountPath: volume.mount }] : [];
  });
  return {
    name,
    image: concat(...imageName(context.app, build)),
    ...(command === null ? {} : shellCommand(build, command)),
    env: containerEnv(entries),
    resources: { limits: resourceLimits(resources), ...billing },
    ...overrides,
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(proxied ? { dependsOn: [proxyName] } : {}),
  };
}
