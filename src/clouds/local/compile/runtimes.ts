import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../../../app.ts";
import { findProgram } from "../programs.ts";

/** A language this machine can build for. Commands get the folder for what is made outside the app as `$MADE`. */
export interface Runtime {
  name: string;
  /** Any of these files says that an app is written in it. */
  files: string[];
  programs: string[];
  install: string;
  /** What to run, in the app's folder. */
  build(app: string, path: string): string[];
  /** What starts the app when its manifest does not say. */
  start(app: string): string | null;
}

const node: Runtime = {
  name: "Node.js",
  files: ["package.json", "server.js"],
  programs: ["npm"],
  install: "install Node.js with npm from https://nodejs.org",
  build(app, path) {
    if (!has(app, "package.json")) return [];
    const scripts = scriptsOf(app);
    const run = scripts["heroku-postbuild"] ? "heroku-postbuild" : scripts.build ? "build" : null;
    const tool = has(app, "pnpm-lock.yaml") && findProgram("pnpm", path) ? "pnpm" : yarnOr(app, path);
    const install = {
      npm: has(app, "package-lock.json") || has(app, "npm-shrinkwrap.json") ? "npm ci" : "npm install",
      pnpm: "pnpm install --frozen-lockfile --prod=false",
      yarn: "yarn install --production=false",
    }[tool];
    return run ? [install, `${tool} run ${run}`] : [install];
  },
  start: (app) => (scriptsOf(app).start ? "npm start" : has(app, "server.js") ? "node server.js" : null),
};

const yarnOr = (app: string, path: string) => (has(app, "yarn.lock") && findProgram("yarn", path) ? "yarn" : "npm");

const python: Runtime = {
  name: "Python",
  files: ["requirements.txt", "pyproject.toml", "Pipfile", "setup.py"],
  programs: ["python3"],
  install: "sudo apt install python3-venv, or brew install python",
  build: (app) => [
    'python3 -m venv "$MADE"',
    has(app, "requirements.txt") ? "python3 -m pip install -r requirements.txt" : "python3 -m pip install .",
  ],
  start: () => null,
};

const ruby: Runtime = {
  name: "Ruby",
  files: ["Gemfile"],
  programs: ["ruby", "bundle"],
  install: "sudo apt install ruby-full ruby-bundler, or brew install ruby",
  build: () => ['bundle config set --local path "$MADE"', "bundle install"],
  start: (app) => (has(app, "config.ru") ? "bundle exec rackup --host 127.0.0.1 --port $PORT" : null),
};

const go: Runtime = {
  name: "Go",
  files: ["go.mod"],
  programs: ["go"],
  install: "sudo apt install golang, or brew install go",
  build: () => ['mkdir -p "$MADE/bin" && go build -o "$MADE/bin/" ./...'],
  start: () => null,
};

// What a front end brings along (package.json) comes last.
const runtimes: Record<string, Runtime> = { ruby, python, go, node };
const aliases: Record<string, string> = { nodejs: "node", javascript: "node", typescript: "node", golang: "go" };

/** The languages by name, for a sentence. */
export const languages = Object.values(runtimes)
  .map(({ name }) => name)
  .sort();

/** The language the manifest's reader found; where it found none, what these files say. */
export function runtimeOf(build: App["build"], there: (file: string) => boolean): Runtime | null {
  const language = build.kind === "buildpacks" ? build.language?.toLowerCase() : undefined;
  if (language) return runtimes[aliases[language] ?? language] ?? null;
  return Object.values(runtimes).find(({ files }) => files.some(there)) ?? null;
}

/** The language of an app whose files are in a folder. */
export const runtimeAt = (build: App["build"], app: string) => runtimeOf(build, (file) => has(app, file));

/** The first program of a language that this machine lacks. */
export const missingProgram = (runtime: Runtime, path: string) =>
  runtime.programs.find((program) => findProgram(program, path) === null) ?? null;

const has = (app: string, file: string) => existsSync(join(app, file));

function scriptsOf(app: string): Record<string, unknown> {
  try {
    const { scripts } = JSON.parse(readFileSync(join(app, "package.json"), "utf8")) as { scripts?: unknown };
    return typeof scripts === "object" && scripts !== null ? { ...scripts } : {};
  } catch {
    // npm will say better than we could what is wrong with the file.
    return {};
  }
}
