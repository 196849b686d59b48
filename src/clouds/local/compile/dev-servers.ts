/** How a project runs in production when its start script starts a development server. */
export type ProductionStart = { command: string } | { publish: string };

// Default output folders, from each tool's documentation in November 2026.
const devServers: [RegExp, ProductionStart][] = [
  [/^next(?: dev)?$/, { command: "next start" }],
  [/^nuxi? dev$|^nuxt(?: dev)?$/, { command: "node .output/server/index.mjs" }],
  [/^astro(?: dev)?$/, { publish: "dist" }],
  [/^vite(?: dev| serve)?$/, { publish: "dist" }],
  [/^react-scripts start$/, { publish: "build" }],
  [/^vue-cli-service serve$/, { publish: "dist" }],
  [/^gatsby (?:develop|serve)$/, { publish: "public" }],
  [/^parcel(?: serve)?$/, { publish: "dist" }],
  [/^(?:@11ty\/)?eleventy$/, { publish: "_site" }],
  [/^docusaurus start$/, { publish: "build" }],
];

/** Returns what replaces a development server in production; null if the script starts none that is known. */
export function productionStart(script: string): ProductionStart | null {
  // The program and its subcommand, without variables, `npx` and options.
  const words = script.trim().split(/\s+/);
  while (/^\w+=/.test(words[0] ?? "") || ["cross-env", "npx", "exec"].includes(words[0] ?? "")) words.shift();
  const [program = "", subcommand = ""] = words;
  if (words.some((word) => /^(?:&&|\|\||;|\|)$/.test(word))) return null;
  const isSubcommand = /^[a-z]+$/.test(subcommand);
  const command = isSubcommand ? `${program} ${subcommand}` : program;
  return devServers.find(([pattern]) => pattern.test(command))?.[1] ?? null;
}
