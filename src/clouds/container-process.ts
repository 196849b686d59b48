import type { Build, Command } from "../app.ts";
import { usesBuildpacks } from "./image-builds.ts";

/** What replaces an image's ENTRYPOINT and CMD; null: the image's own. Setting an entrypoint drops the image's CMD. */
export interface ContainerProcess {
  entrypoint: string[] | null;
  args: string[] | null;
}

// The launcher sets up the environment of the buildpacks. Only after `--` it runs a program directly; without, bash
// evaluates every argument once more: https://github.com/buildpacks/spec/blob/main/platform.md#launch
const launcher = "/cnb/lifecycle/launcher";

/** Returns how a container runs a service or job: a shell line by a shell, arguments as they are. */
export function containerProcess(
  build: Build,
  { entrypoint, command }: { entrypoint: string[] | null; command: Command | null },
): ContainerProcess {
  const isLine = typeof command === "string";
  if (usesBuildpacks(build)) {
    if (entrypoint === null && command === null) return { entrypoint: null, args: null };
    const args = isLine ? ["bash", "-c", command] : (command ?? []);
    return { entrypoint: [launcher], args: ["--", ...(entrypoint ?? []), ...args] };
  }
  if (!isLine) return { entrypoint, args: command };
  return entrypoint === null
    ? { entrypoint: ["/bin/sh"], args: ["-c", command] }
    : { entrypoint, args: ["/bin/sh", "-c", command] };
}
