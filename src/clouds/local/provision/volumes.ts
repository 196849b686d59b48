import { mkdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { OperationalError } from "../../cloud.ts";
import { pathInApp } from "../compile/volumes.ts";
import type { Folders } from "../dependencies.ts";
import type { Stack } from "../stack.ts";

/** Creates the folders of the app's volumes, which live as long as the deployment; existing ones stay. */
export async function createVolumes(services: Stack["services"], { app }: Pick<Folders, "app">): Promise<void> {
  for (const { mount } of services.flatMap(({ volumes = [] }) => volumes)) {
    const path = pathInApp(mount);
    if (path) await createFolder(app, path);
  }
}

async function createFolder(app: string, path: string) {
  const refusal = (reason: string) =>
    new OperationalError(
      `The volume's folder ${path} cannot be made: ${reason}.`,
      "Mount it somewhere else in the app.",
    );
  const root = await realpath(app);
  let folder = root;
  try {
    for (const part of path.split("/")) {
      await mkdir(join(folder, part)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
      // The repository may contain a link that leads out of it.
      folder = await realpath(join(folder, part));
      if (folder !== root && !folder.startsWith(root + sep)) throw refusal("a link leads out of the app's folder");
    }
  } catch (error) {
    throw error instanceof OperationalError
      ? error
      : refusal((error as NodeJS.ErrnoException).code ?? "no reason given");
  }
  if (!(await stat(folder)).isDirectory()) throw refusal("it is a file");
}
