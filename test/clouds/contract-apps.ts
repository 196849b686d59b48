import type { App } from "../../src/app.ts";
import { aJob, anApp, aResource, aService, aVariable } from "../harness/apps.ts";

// The apps that every cloud compiles, and those that it deploys.

/** Returns apps to compile only: between them they use every part of the model. */
export const appsToCompile = (cloudIds: string[]): Record<string, App> => ({
  small: anApp(),
  large: anApp({
    services: [
      aService({ health: { path: "/up" } }),
      aService({
        name: "worker",
        command: "node worker.js",
        public: false,
        port: null,
        size: "XL",
        scale: { min: 0, max: 9 },
      }),
    ],
    jobs: [
      aJob(),
      aJob({ name: "seed", when: "first" }),
      aJob({ name: "nightly", when: "schedule", schedule: "0 3 * * *" }),
    ],
    resources: (["postgres", "redis", "mysql", "bucket", "smtp", "mongodb", "memcached", "amqp"] as const).map((type) =>
      aResource({ name: type, type, version: "1", size: "L" }),
    ),
  }),
  hostile: anApp({
    name: '"><script>alert(1)</script>',
    services: [aService({ name: "../$(reboot)\n'\"", command: "'; rm -rf / #" })],
    jobs: [aJob({ name: "${env}", command: "`id`" })],
    resources: [aResource({ name: "<b>", env: { "A B": "${nothing}" } })],
  }),
  interpolated: anApp({
    env: { URL: "${app.url}", PEER: "http://${service.api.host}:3000", PRICE: "$$5" },
    services: [
      aService({ env: { ONLY: "web" }, health: { path: "/up", grace: 90, timeout: 3 } }),
      aService({ name: "api", public: false, port: 3000, volumes: [{ name: "data", mount: "/app/data", size: 1 }] }),
    ],
    jobs: [
      aJob({ timeout: 60, size: "M" }),
      aJob({ name: "tick", when: "schedule", schedule: "* * * * *", timeout: 5 }),
    ],
    variables: [aVariable({ name: "SITE", default: "${app.url}/" }), aVariable({ name: "AMQP_URL" })],
    resources: [
      aResource({ options: { storage: 20, ha: true } }),
      ...["queue", "other"].map((name) => aResource({ name, type: "amqp", env: { AMQP_URL: "${url}" } })),
    ],
    overrides: Object.fromEntries(cloudIds.map((id) => [id, { services: { web: { size: "L" } } }])),
  }),
  empty: anApp({ services: [], build: { kind: "command", command: null, publish: null } }),
  image: anApp({ build: { kind: "image", image: "ghcr.io/owner/app:1" }, services: [aService({ command: null })] }),
});

const source: App["source"] = { ...anApp().source, host: "github.com", owner: "acme", repo: "shop" };

/** The secret answer of every app that is deployed. Its server prints it. */
export const secretAnswer = "correct-horse-battery-staple";
export const env = { API_KEY: secretAnswer };
export const files = {
  "server.js": `
console.log("The key is", process.env.API_KEY);
require("node:http").createServer((_, response) => response.end("up")).listen(process.env.PORT);
`,
};

/** One web service, one job and one secret. The job is a program that a machine can refuse to run. */
export const smallApp = anApp({
  source,
  read: [],
  services: [aService({ command: "node server.js" })],
  jobs: [aJob({ command: "uname" })],
  variables: [aVariable({ name: "API_KEY", secret: true })],
});

export const databaseApp = { ...smallApp, resources: [aResource()] };

/** Returns an app whose every name creates a file at this path once it reaches a shell. */
export function hostileApp(path: string): App {
  const name = (text: string) => `../${text}\n'"; touch ${path} #$(touch ${path})\`touch ${path}\`<b>{{resolve:x}}`;
  return {
    ...smallApp,
    name: name("app"),
    description: name("description"),
    services: smallApp.services.map((service) => ({
      ...service,
      name: name("web"),
      env: { [name("env")]: name("value") },
    })),
    jobs: smallApp.jobs.map((job) => ({ ...job, name: name("release") })),
    env: { HOSTILE: name("value") },
  };
}
