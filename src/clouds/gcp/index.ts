import { createRequire } from "node:module";
import type { Cloud } from "../cloud.ts";
import { defineCloud } from "../module.ts";
import { connect } from "./access/connect.ts";
import { readConfig, settings } from "./config.ts";
import type { Dependencies } from "./dependencies.ts";
import { mark } from "./mark.ts";
import { regions } from "./regions.ts";

// Eighty files and an SDK, loaded with the first app or deployment, not at start. `require`, because pure functions are
// not asynchronous.
const require = createRequire(import.meta.url);
const pure = {
  compile: () => require("./compile/compile.ts") as typeof import("./compile/compile.ts"),
  support: () => require("./compile/support.ts") as typeof import("./compile/support.ts"),
  variables: () => require("./compile/variables.ts") as typeof import("./compile/variables.ts"),
};

export const gcpModule = defineCloud({
  id: "gcp",
  mark,
  settings,
  readConfig,
  create: (config, platform) => gcp({ ...config, ...platform }),
});

/** Google as a cloud: Cloud Run and what it needs, created one by one in the visitor's project. */
export const gcp = (dependencies: Dependencies): Cloud => ({
  id: gcpModule.id,
  mark,
  name: "Google Cloud",
  words: {
    inSentence: "Google Cloud",
    docs: "docs/clouds/gcp.md",
    billed: true,
    keptAfterFailure: "We kept your answers, so you can retry.",
  },
  regions,
  support: (app) => pure.support().support(app),
  variables: (app) => pure.variables().askedVariables(app),
  compile: (app, choice) => pure.compile().compile(app, choice),
  connect: connect(dependencies),
  async instructions(app, _, at) {
    const { instructions } = await import("./export/instructions.ts");
    return instructions(dependencies, app, at);
  },
  exports: [
    {
      path: "script",
      async handle(app, plan) {
        const { script } = await import("./export/script.ts");
        return { kind: "text", body: script(app, plan) };
      },
    },
  ],
  async preflight(plan, access) {
    const { preflight } = await import("./access/preflight.ts");
    return preflight(dependencies, plan, access);
  },
  async *provision(run) {
    const [{ provision }, { recordProject }] = await Promise.all([
      import("./provision/provision.ts"),
      import("./provision/pinned-project.ts"),
    ]);
    yield* recordProject(run, provision(dependencies, run));
  },
  async *remove(run) {
    const [{ remove }, { wrongProjectEvent }] = await Promise.all([
      import("./provision/remove.ts"),
      import("./provision/pinned-project.ts"),
    ]);
    const wrongProject = wrongProjectEvent(run);
    if (wrongProject) yield wrongProject;
    else yield* remove(dependencies, run);
  },
});
