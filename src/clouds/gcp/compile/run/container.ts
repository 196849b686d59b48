import type { Build, Service, Volume } from "../../../../app.ts";
import { containerProcess } from "../../../container-process.ts";
import { type Limits, resourceLimits } from "../../presets.ts";
import type { Value } from "../../stack.ts";
import type { CompileContext } from "../context.ts";
import { containerEnv, type EnvEntry } from "../environment.ts";
import { concat, type JsonObject } from "../expressions.ts";
import { imageName } from "../resources/artifact-registry.ts";
import { proxyName } from "./cloud-sql-proxy.ts";
import type { MountedBucket } from "./gcs-volumes.ts";

/** Cloud Run calls the entrypoint `command`, and its arguments `args`. */
function processOf(build: Build, process: Pick<Service, "entrypoint" | "command">): JsonObject {
  const { entrypoint, args } = containerProcess(build, process);
  return { ...(entrypoint === null ? {} : { command: entrypoint }), ...(args === null ? {} : { args }) };
}

interface Container {
  name: string;
  build: Build;
  process: Pick<Service, "entrypoint" | "command">;
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
  { name, build, process, entries, resources, more = {}, billing = {}, volumes = [] }: Container,
  { proxied, folder }: { proxied: boolean; folder: (volume: Volume) => MountedBucket | undefined },
): JsonObject {
  const mounts = volumes.flatMap((volume): Value[] => {
    const found = folder(volume);
    return found ? [{ name: found.name, mountPath: volume.mount }] : [];
  });
  return {
    name,
    image: concat(...imageName(setting.app, build)),
    ...processOf(build, process),
    env: containerEnv(entries),
    resources: { limits: resourceLimits(resources), ...billing },
    ...more,
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(proxied ? { dependsOn: [proxyName] } : {}),
  };
}
