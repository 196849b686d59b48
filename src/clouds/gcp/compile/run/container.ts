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
  /** More fields of the container. */
  overrides?: JsonObject;
  /** CPU allocation; not set for jobs and worker pools. */
  billing?: JsonObject;
  volumes?: Volume[];
}

/** Builds a container of the app, which starts after the proxy. */
export function container(
  context: CompileContext,
  { name, build, process, entries, resources, overrides = {}, billing = {}, volumes = [] }: Container,
  { proxied, bucketFor }: { proxied: boolean; bucketFor: (volume: Volume) => MountedBucket | undefined },
): JsonObject {
  const mounts = volumes.flatMap((volume): Value[] => {
    const bucket = bucketFor(volume);
    return bucket ? [{ name: bucket.name, mountPath: volume.mount }] : [];
  });
  return {
    name,
    image: concat(...imageName(context.app, build)),
    ...processOf(build, process),
    env: containerEnv(entries),
    resources: { limits: resourceLimits(resources), ...billing },
    ...overrides,
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(proxied ? { dependsOn: [proxyName] } : {}),
  };
}
