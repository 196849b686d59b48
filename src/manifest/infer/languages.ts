/** Ordered by precedence: package.json, which a front end may bring along, comes late. */
const languageFiles: readonly [string, readonly (string | RegExp)[]][] = [
  ["ruby", ["Gemfile", "config.ru"]],
  ["elixir", ["mix.exs"]],
  ["php", ["composer.json", "index.php", "public/index.php"]],
  ["python", ["requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "uv.lock", "manage.py", "environment.yml"]],
  ["go", ["go.mod", "Gopkg.lock", "vendor/vendor.json", "Godeps/Godeps.json"]],
  ["scala", ["build.sbt"]],
  ["clojure", ["project.clj", "deps.edn"]],
  ["java", ["pom.xml", "build.gradle", "build.gradle.kts", "gradlew", "mvnw"]],
  ["rust", ["Cargo.toml"]],
  ["dotnet", [/^[^/]+\.(sln|csproj|fsproj|vbproj)$/]],
  ["deno", ["deno.json", "deno.jsonc"]],
  ["node", ["package.json", "server.js"]],
];

/** Returns the language of the program; null if unknown. */
export function languageOf(list: readonly string[]): string | null {
  const names = new Set(list);
  const isPresent = (pattern: string | RegExp) =>
    typeof pattern === "string" ? names.has(pattern) : list.some((name) => pattern.test(name));
  return languageFiles.find(([, files]) => files.some(isPresent))?.[0] ?? null;
}

/** Returns the folder of a static site; null if there are signs of a program. */
export function siteIn(list: readonly string[]): string | null {
  if (languageOf(list) !== null || list.some((name) => /(^|\/)Dockerfile$|^Procfile$/.test(name))) return null;
  const names = new Set(list);
  return names.has("index.html") ? "." : names.has("public/index.html") ? "public" : null;
}

/** Returns the last word of a buildpack's name or URL, without its extension and ref. */
export function buildpackName(url: string): string {
  const [location = ""] = url.trim().toLowerCase().split("#", 1);
  const path = location.replace(/\.(git|tgz)$/, "");
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("-")) + 1);
}

const buildpackLanguages: Record<string, string> = {
  nodejs: "node",
  node: "node",
  python: "python",
  ruby: "ruby",
  go: "go",
  php: "php",
  java: "java",
  jvm: "java",
  gradle: "java",
  scala: "scala",
  clojure: "clojure",
  elixir: "elixir",
  rust: "rust",
  dotnet: "dotnet",
  dotnetcore: "dotnet",
};

/** `heroku/nodejs`, `https://github.com/heroku/heroku-buildpack-ruby.git`, `emk/rust`: returns the language it builds. */
export function languageOfBuildpack(url: string): string | null {
  const normalized = buildpackName(url);
  return Object.hasOwn(buildpackLanguages, normalized) ? (buildpackLanguages[normalized] ?? null) : null;
}
