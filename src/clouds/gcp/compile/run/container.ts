import type { Build, Volume } from "../../../../app.ts";
import { type Limits, limits } from "../../presets.ts";
import type { Value } from "../../stack.ts";
import type { Setting } from "../context.ts";
import { containerEnv, type Entry } from "../environment.ts";
import { type Fields, text } from "../expressions.ts";
import { image } from "../resources/artifact-registry.ts";
import { proxyName } from "./cloud-sql-proxy.ts";
import type { Folder } from "./gcs-volumes.ts";

const isBuiltByBuildpacks = (build: Build) =>
  build.kind === "buildpacks" || (build.kind === "command" && build.publish === null);

/** Buildpacks set up the environment in a program of theirs, so that is what starts the shell. */
const shell = (build: Build, command: string): Fields =>
  isBuiltByBuildpacks(build)
    ? { command: ["/cnb/lifecycle/launcher"], args: ["bash", "-c", command] }
    : { command: ["/bin/sh"], args: ["-c", command] };

interface Container {
  name: string;
  build: Build;
  command: string | null;
  entries: Entry[];
  resources: Limits;
  /** What else Cloud Run is told of it. */
  more?: Fields;
  /** How its processor is paid for; not said of jobs and workers. */
  billing?: Fields;
  volumes?: Volume[];
}

/** A container of the app. It starts when the proxy is there. */
export function container(
  setting: Setting,
  { name, build, command, entries, resources, more = {}, billing = {}, volumes = [] }: Container,
  { proxied, folder }: { proxied: boolean; folder: (volume: Volume) => Folder | undefined },
): Fields {
  const mounts = volumes.flatMap((volume): Value[] => {
    const found = folder(volume);
    return found ? [{ name: found.name, mountPath: volume.mount }] : [];
  });
  return {
    name,
    image: text(...image(setting.app, build)),
    ...(command === null ? {} : shell(build, command)),
    env: containerEnv(entries),
    resources: { limits: limits(resources), ...billing },
    ...more,
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(proxied ? { dependsOn: [proxyName] } : {}),
  };
}
