import type { App } from "../../../app.ts";

/** The files of an app, as far as its build and start depend on them. */
export interface ProjectFiles {
  has(path: string): boolean;
  read(path: string): string;
}

export type HasProgram = (program: string) => boolean;

/** A language this machine can build for. Build commands find the folder for output outside the app in `$MADE`. */
export interface Runtime {
  name: string;
  /** Any of these files identifies the language. */
  files: string[];
  programs: string[];
  install: string;
  /** Returns the build commands, to run in the app's folder. */
  build(project: ProjectFiles, hasProgram: HasProgram): string[];
  /** Returns the start command of an app whose manifest has none; null if unknown. */
  start(project: ProjectFiles): string | null;
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
    const manager = packageManager(project, hasProgram);
    const install = {
      npm: project.has("package-lock.json") || project.has("npm-shrinkwrap.json") ? "npm ci" : "npm install",
      pnpm: "pnpm install --frozen-lockfile --prod=false",
      yarn: "yarn install --production=false",
    }[manager];
    return script ? [install, `${manager} run ${script}`] : [install];
  },
  start: (project) => (scriptsOf(project).start ? "npm start" : project.has("server.js") ? "node server.js" : null),
};

function packageManager(project: ProjectFiles, hasProgram: HasProgram): "npm" | "pnpm" | "yarn" {
  if (project.has("pnpm-lock.yaml") && hasProgram("pnpm")) return "pnpm";
  return project.has("yarn.lock") && hasProgram("yarn") ? "yarn" : "npm";
}

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
  start: (project) => (project.has("config.ru") ? "bundle exec rackup --host 127.0.0.1 --port $PORT" : null),
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
  try {
    const { scripts } = JSON.parse(project.read("package.json")) as { scripts?: unknown };
    return typeof scripts === "object" && scripts !== null ? { ...scripts } : {};
  } catch {
    // npm reports better than we could what is wrong with the file.
    return {};
  }
}
