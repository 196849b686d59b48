import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import type { Run } from "../cloud.ts";
import type { WalkStep } from "../walk.ts";
import type { Folders } from "./machine.ts";

/** Fetches the files; half a copy never has the name of a whole one. */
export const source = (run: Run, { root, app, home, tmp, made, processes }: Folders): WalkStep => ({
  name: "source",
  after: [],
  async *create({ signal }) {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await Promise.all([home, tmp, made, processes].map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })));
    if (!existsSync(app)) {
      const part = `${app}.part`;
      await rm(part, { recursive: true, force: true });
      await mkdir(part, { mode: 0o700 });
      await run.fetchSource(part, signal);
      signal.throwIfAborted();
      await rename(part, app);
    }
    return `Commit ${run.app.source.commit.slice(0, 12)}`;
  },
});
