import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { OperationalError } from "../../cloud.ts";

/** Deletes a folder and all in it, without following links; it may be gone already. */
export async function deleteFolder(folder: string): Promise<void> {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove().catch(async () => {
      // Some tools protect what they made even against its owner, as Go does with its modules.
      await promisify(execFile)("chmod", ["-R", "u+rwX", folder], { env: { PATH: "/usr/bin:/bin" } }).catch(() => {});
      await remove();
    });
  } catch (error) {
    const message = `${folder} cannot be deleted: ${(error as Error).message}`;
    throw new OperationalError(message, "Delete it by hand, then try again.", { cause: error });
  }
}
