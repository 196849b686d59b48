import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import type { LedgerData } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import { isListening, portKey } from "../compile/interpolation.ts";
import { freePort } from "./processes/ports.ts";
import type { RunContext } from "./run-context.ts";
import { createVolumes } from "./volumes.ts";

/**
 * Fetches the files, renaming the folder only once it is complete. Reserves a port for every service that listens,
 * because the build, the jobs and other services may need its address before it starts.
 */
export const sourceStep = (context: RunContext): ExecutableStep => ({
  name: "source",
  dependsOn: [],
  async *execute({ data, signal }) {
    const { run, stack, folders } = context;
    const { root, app, home, tmp, made, processes } = folders;
    const ports: LedgerData = {};
    for (const { step } of stack.services.filter(isListening))
      if (data[portKey(step)] === undefined) ports[portKey(step)] = await freePort();
    yield { data: ports };
    await mkdir(root, { recursive: true, mode: 0o700 });
    await Promise.all([home, tmp, made, processes].map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })));
    if (!existsSync(app)) {
      const part = `${app}.part`;
      await rm(part, { recursive: true, force: true, maxRetries: 3 });
      await mkdir(part, { mode: 0o700 });
      await run.fetchSource(part, signal);
      signal.throwIfAborted();
      await rename(part, app);
    }
    await createVolumes(stack.services, folders);
    return `Commit ${run.app.source.commit.slice(0, 12)}`;
  },
});
