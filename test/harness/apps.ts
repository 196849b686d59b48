import type { App } from "../../src/app.ts";

const source: App["source"] = {
  host: "local",
  owner: "examples",
  repo: "an-app",
  ref: "main",
  commit: "0123456789abcdef0123456789abcdef01234567",
  path: "",
};

/** An app by hand: one public Node process, unless said otherwise. */
export const anApp = (more: Partial<App> = {}): App => ({
  name: "An app",
  slug: "an-app",
  description: "",
  website: "",
  logo: "",
  keywords: [],
  source,
  read: ["package.json"],
  build: { kind: "buildpacks", builder: null, buildpacks: [], language: "node" },
  services: [aService()],
  jobs: [],
  resources: [],
  variables: [],
  success: null,
  ...more,
});

export const aService = (more: Partial<App["services"][number]> = {}): App["services"][number] => ({
  name: "web",
  entrypoint: null,
  command: "node server.js",
  port: 8080,
  public: true,
  size: "S",
  scale: { min: 1, max: 1 },
  health: null,
  ...more,
});

export const aJob = (more: Partial<App["jobs"][number]> = {}): App["jobs"][number] => ({
  name: "release",
  entrypoint: null,
  command: "true",
  when: "release",
  schedule: null,
  ...more,
});

export const aResource = (more: Partial<App["resources"][number]> = {}): App["resources"][number] => ({
  name: "database",
  type: "postgres",
  version: null,
  size: "S",
  env: { DATABASE_URL: "${url}" },
  ...more,
});

export const aVariable = (more: Partial<App["variables"][number]> = {}): App["variables"][number] => ({
  name: "GREETING",
  description: "",
  type: "text",
  required: true,
  default: null,
  placeholder: null,
  secret: false,
  generator: null,
  options: null,
  ...more,
});
