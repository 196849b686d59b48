import type { App } from "../../../app.ts";
import { type ProductionStart, productionStart } from "./dev-servers.ts";
import { packageJson, packageManager } from "./package-manager.ts";
import type { HasProgram, ProjectFiles } from "./project-files.ts";

/** A language this machine can build for. Build commands find the folder for output outside the app in `$MADE`. */
export interface Runtime {
  name: string;
  /** Any of these files identifies the language. */
  files: string[];
  programs: string[];
  install: string;
  /** Returns the build commands, to run in the app's folder. */
  build(project: ProjectFiles, hasProgram: HasProgram): string[];
  /** Returns how to start an app whose manifest does not say: a command or a folder to serve; null if unknown. */
  start(project: ProjectFiles): ProductionStart | null;
}

const node: Runtime = {
  name: "Node.js",
  files: ["package.json", "server.js"],
  programs: ["npm"],
  install: "install Node.js with npm from https://nodejs.org",
  build(project, hasProgram) {
    if (!project.has("package.json")) return [];
    const scripts = scriptsOf(project);
    const script = scripts["heroku-postbuild"] ? "heroku-postbuild" : scripts.build ? "build" : null;
    const { name, package: managerPackage, install } = packageManager(project, hasProgram);
    return [
      // Its programs are then in $MADE/bin, which is on the PATH.
      ...(managerPackage ? [`npm install --global --prefix "$MADE" ${managerPackage}`] : []),
      install,
      ...(script ? [`${name} run ${script}`] : []),
    ];
  },
  start(project) {
    const { start } = scriptsOf(project);
    if (typeof start !== "string" || start === "")
      return project.has("server.js") ? { command: "node server.js" } : null;
    // npm, pnpm, Yarn and Bun all have `run`; the name is enough where the program is not looked for.
    return productionStart(start) ?? { command: `${packageManager(project, () => true).name} run start` };
  },
};

const python: Runtime = {
  name: "Python",
  files: ["requirements.txt", "pyproject.toml", "Pipfile", "setup.py"],
  programs: ["python3"],
  install: "sudo apt install python3-venv, or brew install python",
  build: (project) => [
    'python3 -m venv "$MADE"',
    project.has("requirements.txt") ? "python3 -m pip install -r requirements.txt" : "python3 -m pip install .",
  ],
  start: () => null,
};

const ruby: Runtime = {
  name: "Ruby",
  files: ["Gemfile"],
  programs: ["ruby", "bundle"],
  install: "sudo apt install ruby-full ruby-bundler, or brew install ruby",
  build: () => ['bundle config set --local path "$MADE"', "bundle install"],
  start: (project) =>
    project.has("config.ru") ? { command: "bundle exec rackup --host 127.0.0.1 --port $PORT" } : null,
};

const go: Runtime = {
  name: "Go",
  files: ["go.mod"],
  programs: ["go"],
  install: "sudo apt install golang, or brew install go",
  build: () => ['mkdir -p "$MADE/bin" && go build -o "$MADE/bin/" ./...'],
  start: () => null,
};

// Node.js comes last: apps in other languages often have a package.json for their front end.
const runtimes: Record<string, Runtime> = { ruby, python, go, node };
const aliases: Record<string, string> = { nodejs: "node", javascript: "node", typescript: "node", golang: "go" };

/** The languages by name, for a sentence. */
export const languages = Object.values(runtimes)
  .map(({ name }) => name)
  .sort();

/** Returns the runtime for the language the manifest names, else for the one the files identify; null if unsupported. */
export function runtimeOf(build: App["build"], hasFile: (file: string) => boolean): Runtime | null {
  const language = build.kind === "buildpacks" ? build.language?.toLowerCase() : undefined;
  if (language) return runtimes[aliases[language] ?? language] ?? null;
  return Object.values(runtimes).find(({ files }) => files.some(hasFile)) ?? null;
}

/** Returns the first program a language needs that this machine lacks; null if it has them all. */
export const missingProgram = ({ programs }: Runtime, hasProgram: HasProgram) =>
  programs.find((program) => !hasProgram(program)) ?? null;

function scriptsOf(project: ProjectFiles): Record<string, unknown> {
  const { scripts } = packageJson(project);
  return typeof scripts === "object" && scripts !== null ? { ...scripts } : {};
}
