import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { OperationalError } from "../../cloud.ts";

/** Deletes a folder with its contents, without following links. A missing folder is no error. */
export async function deleteFolder(folder: string): Promise<void> {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove().catch(async () => {
      // Some tools make their files read-only, as Go does with its module cache.
      await promisify(execFile)("chmod", ["-R", "u+rwX", folder], { env: { PATH: "/usr/bin:/bin" } }).catch(() => {});
      await remove();
    });
  } catch (error) {
    const message = `${folder} cannot be deleted: ${(error as Error).message}`;
    throw new OperationalError(message, "Delete it by hand, then try again.", { cause: error });
  }
}
