import { existsSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { OperationalError } from "../../cloud.ts";
import { runtimeOf } from "../compile/runtimes.ts";
import type { Stack } from "../stack.ts";
import { processArgv, shell } from "./processes/detached-process.ts";
import { projectFiles } from "./project-files.ts";
import type { RunContext } from "./run-context.ts";

const staticServer = fileURLToPath(new URL("./processes/static-server.ts", import.meta.url));

/** Returns the argv that starts a service: its command, the server of a static site, or the default of its language. */
export function startCommand(
  { stack, folders }: Pick<RunContext, "stack" | "folders">,
  service: Stack["services"][number],
  port: number,
): string[] {
  const argv = processArgv(service);
  if (argv !== null) return argv;
  const { build } = stack;
  if (build.kind === "command" && build.publish !== null) return serveFolder(folders.app, build.publish, port);
  const project = projectFiles(folders.app);
  const start = runtimeOf(build, project.has)?.start(project);
  if (start) return "command" in start ? shell(start.command) : serveFolder(folders.app, start.publish, port);
  if (project.has("index.html")) return serveFolder(folders.app, "", port);
  throw new OperationalError(
    `Nothing says how to start ${service.name}.`,
    `Add a Procfile with a line such as \`${service.name}: node server.js\`.`,
  );
}

function serveFolder(app: string, publish: string, port: number): string[] {
  const folder = resolve(app, publish.replace(/^\/+/, ""));
  if (relative(app, folder).split(sep)[0] === "..")
    throw new OperationalError(
      `The folder to publish, ${publish}, is outside the app.`,
      "Name a folder inside the repository.",
    );
  if (!existsSync(folder))
    throw new OperationalError(
      `The folder to publish, ${publish}, is not there after the build.`,
      "Look at what the build writes, and name that.",
    );
  return [process.execPath, staticServer, folder, `${port}`];
}
