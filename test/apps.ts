import type { App } from "../src/app.ts";

/** A whole app, with what a test cares about replaced. */
export const someApp = (more: Partial<App> = {}): App => ({
  name: "Hello",
  slug: "hello",
  description: "Says hello",
  website: "",
  logo: "",
  keywords: [],
  source: { host: "local", owner: "examples", repo: "hello", ref: "HEAD", commit: "c".repeat(40), path: "" },
  read: ["app.json"],
  build: { kind: "buildpacks", builder: null, buildpacks: [], language: "node" },
  services: [
    {
      name: "web",
      command: null,
      port: 8080,
      public: true,
      size: "S",
      scale: { min: 1, max: 1 },
      health: { path: "/" },
    },
  ],
  jobs: [],
  resources: [],
  variables: [],
  success: null,
  ...more,
});

export const aSecret = {
  name: "SECRET_KEY",
  description: "",
  type: "text" as const,
  required: true,
  default: null,
  placeholder: null,
  secret: true,
  generator: null,
  options: null,
};
