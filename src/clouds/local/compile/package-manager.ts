import type { HasProgram, ProjectFiles } from "./project-files.ts";

type Name = "npm" | "pnpm" | "yarn" | "bun";

export interface PackageManager {
  name: Name;
  /** The package on the npm registry that contains it; null if this machine has it. */
  package: string | null;
  install: string;
}

interface Detected {
  name: Name;
  /** Exact if `packageManager` pins it, else the major version that reads the lockfile; null for npm. */
  version: string | null;
  isPinned: boolean;
}

/** Returns the package manager of a project: the one it pins, else the one whose lockfile it has, else npm. */
export function packageManager(project: ProjectFiles, hasProgram: HasProgram): PackageManager {
  const detected = pinnedManager(project) ?? lockfileManager(project);
  const { name, version, isPinned } = detected;
  // An installed Yarn may be version 1, which cannot read the lockfiles of later versions.
  const isExact = isPinned || (name === "yarn" && version !== "1");
  const isFetched = name !== "npm" && (isExact || !hasProgram(name));
  return {
    name,
    package: isFetched && version ? `${packageName(name, version)}@${version}` : null,
    install: installCommand(project, detected),
  };
}

/** Reads `packageManager`, as Corepack does: https://nodejs.org/api/packages.html#packagemanager */
function pinnedManager(project: ProjectFiles): Detected | null {
  const value = packageJson(project).packageManager;
  const [, name, version] =
    (typeof value === "string" && /^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+(?:-[\w.-]+)?)(?:\+[\w.-]+)?$/.exec(value)) || [];
  return name && version ? { name: name as Name, version, isPinned: true } : null;
}

function lockfileManager(project: ProjectFiles): Detected {
  if (project.has("pnpm-lock.yaml")) return { name: "pnpm", version: pnpmMajor(project), isPinned: false };
  if (project.has("yarn.lock")) return { name: "yarn", version: isBerry(project) ? "4" : "1", isPinned: false };
  if (project.has("bun.lock") || project.has("bun.lockb")) return { name: "bun", version: "1", isPinned: false };
  return { name: "npm", version: null, isPinned: false };
}

/** pnpm reads only the lockfiles of its own time: https://github.com/pnpm/spec/tree/master/lockfile (November 2026). */
function pnpmMajor(project: ProjectFiles): string {
  const [, version = "9"] = /^lockfileVersion:\s*['"]?(\d+)/m.exec(project.read("pnpm-lock.yaml")) ?? [];
  return { "5": "7", "6": "8" }[version] ?? "9";
}

/** Yarn 2 and later write `__metadata` into the lockfile. */
const isBerry = (project: ProjectFiles) => /^__metadata:/m.test(project.read("yarn.lock"));

/** The registry's `yarn` ends with version 1; later versions are published as @yarnpkg/cli-dist. */
const packageName = (name: Name, version: string) =>
  name === "yarn" && !version.startsWith("1") ? "@yarnpkg/cli-dist" : name;

function installCommand(project: ProjectFiles, { name, version }: Detected): string {
  switch (name) {
    case "pnpm":
      return `pnpm install --prod=false${project.has("pnpm-lock.yaml") ? " --frozen-lockfile" : ""}`;
    case "yarn":
      if (!version?.startsWith("1")) return `yarn install${project.has("yarn.lock") ? " --immutable" : ""}`;
      return `yarn install --production=false${project.has("yarn.lock") ? " --frozen-lockfile" : ""}`;
    case "bun":
      return `bun install${project.has("bun.lock") || project.has("bun.lockb") ? " --frozen-lockfile" : ""}`;
    default:
      return project.has("package-lock.json") || project.has("npm-shrinkwrap.json") ? "npm ci" : "npm install";
  }
}

/** Returns the contents of package.json; empty if it is missing or invalid, which npm reports better than we could. */
export function packageJson(project: ProjectFiles): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(project.read("package.json"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
