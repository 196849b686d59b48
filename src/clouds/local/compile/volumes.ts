import { mkdir, realpath, stat } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import { OperationalError } from "../../cloud.ts";
import type { RunContext } from "../provision/run-context.ts";

/** Where images and buildpacks put an app: here that is the folder of its files. */
const roots = ["/app", "/workspace", "/usr/src/app", "/code", "/opt/render/project/src"];

/** Where a volume is inside the app's folder, "" when it is all of it; null when it is elsewhere. */
export function placeInApp(mount: string): string | null {
  const path = posix.normalize(mount).replace(/\/+$/, "");
  const root = roots.find((one) => path === one || path.startsWith(`${one}/`));
  return root === undefined ? null : path.slice(root.length + 1);
}

/** Makes the folders of the app's volumes, which live as long as the deployment does; those that are there stay. */
export async function makeVolumes({ stack, folders }: Pick<RunContext, "stack" | "folders">): Promise<void> {
  for (const { mount } of stack.services.flatMap((one) => one.volumes ?? [])) {
    const place = placeInApp(mount);
    if (place) await make(folders.app, place);
  }
}

async function make(app: string, place: string) {
  const refuse = (why: string) =>
    new OperationalError(`The volume's folder ${place} cannot be made: ${why}.`, "Mount it somewhere else in the app.");
  const root = await realpath(app);
  let at = root;
  try {
    for (const part of place.split("/")) {
      await mkdir(join(at, part)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
      // The repository may hold a link that leads out of it.
      at = await realpath(join(at, part));
      if (at !== root && !at.startsWith(root + sep)) throw refuse("a link leads out of the app's folder");
    }
  } catch (error) {
    throw error instanceof OperationalError
      ? error
      : refuse((error as NodeJS.ErrnoException).code ?? "no reason given");
  }
  if (!(await stat(at)).isDirectory()) throw refuse("it is a file");
}
