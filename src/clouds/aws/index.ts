import { createRequire } from "node:module";
import type { Cloud } from "../cloud.ts";
import { defineCloud } from "../module.ts";
import { connect } from "./access/connect.ts";
import { readConfig, settings } from "./config.ts";
import type { Dependencies } from "./dependencies.ts";
import { mark } from "./mark.ts";
import { regions } from "./regions.ts";

// Seventy files and an SDK, loaded with the first app or deployment, not at start. `require`, because pure functions
// are not asynchronous.
const require = createRequire(import.meta.url);
const pure = {
  compile: () => require("./compile/compile.ts") as typeof import("./compile/compile.ts"),
  support: () => require("./compile/support.ts") as typeof import("./compile/support.ts"),
  variables: () => require("./compile/parameters.ts") as typeof import("./compile/parameters.ts"),
};

export const awsModule = defineCloud({
  id: "aws",
  mark,
  settings,
  readConfig,
  create: (config, platform) => aws({ ...config, ...platform }),
});

/** AWS as a cloud: one CloudFormation stack in the visitor's own account. */
export const aws = (dependencies: Dependencies): Cloud => ({
  id: awsModule.id,
  mark,
  name: "Amazon Web Services",
  words: {
    inSentence: "Amazon Web Services",
    docs: "docs/clouds/aws.md",
    billed: true,
    keptAfterFailure: "We kept your answers, so you can retry.",
  },
  regions,
  support: (app) => pure.support().support(app),
  variables: (app) => pure.variables().askedVariables(app),
  compile: (app, choice) => pure.compile().compile(app, choice),
  connect: {
    ...connect(dependencies),
    setup: (["", "template", "console"] as const).map((path) => ({
      path,
      handle: async (request) => (await import("./access/setup.ts")).setupResponse(path, dependencies, request),
    })),
  },
  async instructions(app, plan, at) {
    const { instructions } = await import("./export/instructions.ts");
    return instructions(dependencies, app, plan, at);
  },
  exports: [
    {
      path: "command",
      async handle(app, plan, at) {
        const { instructions } = await import("./export/instructions.ts");
        return { kind: "text", body: `${instructions(dependencies, app, plan, at).command}\n` };
      },
    },
    {
      path: "console",
      handle: async (app, plan) => (await import("./export/open-console.ts")).openConsole(dependencies, app, plan),
    },
  ],
  async preflight(plan, access) {
    const { preflight } = await import("./access/preflight.ts");
    return preflight(dependencies, plan, access);
  },
  async *provision(run) {
    const { provision } = await import("./provision/provision.ts");
    yield* provision(dependencies, run);
  },
  async *remove(run) {
    const { remove } = await import("./provision/remove.ts");
    yield* remove(dependencies, run);
  },
});
