import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import type { LedgerData } from "../../cloud.ts";
import type { ExecutableStep } from "../../walk.ts";
import { isListening, portKey } from "../compile/interpolation.ts";
import { makeVolumes } from "../compile/volumes.ts";
import { freePort } from "./processes/ports.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Fetches the files; half a copy never has the name of a whole one. And gives every service that listens its port:
 * the build, the jobs and the other services may be told it before it starts.
 */
export const source = (setting: RunContext): ExecutableStep => ({
  name: "source",
  dependsOn: [],
  async *execute(hand) {
    const { run, stack } = setting;
    const { root, app, home, tmp, made, processes } = setting.folders;
    const ports: LedgerData = {};
    for (const one of stack.services.filter(isListening)) {
      const key = portKey(one.step);
      if (hand.data[key] === undefined) ports[key] = await freePort();
    }
    yield { data: ports };
    await mkdir(root, { recursive: true, mode: 0o700 });
    await Promise.all([home, tmp, made, processes].map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })));
    if (!existsSync(app)) {
      const part = `${app}.part`;
      await rm(part, { recursive: true, force: true, maxRetries: 3 });
      await mkdir(part, { mode: 0o700 });
      await run.fetchSource(part, hand.signal);
      hand.signal.throwIfAborted();
      await rename(part, app);
    }
    await makeVolumes(setting);
    return `Commit ${run.app.source.commit.slice(0, 12)}`;
  },
});
