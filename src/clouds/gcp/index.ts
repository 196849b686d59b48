import { createRequire } from "node:module";
import type { Cloud } from "../cloud.ts";
import { connect } from "./access/connect.ts";
import type { Dependencies } from "./dependencies.ts";
import { regions } from "./regions.ts";

// Eighty files and an SDK: loaded when the first app is looked at or goes there, not at start. `require` because what is
// pure is not asynchronous either.
const require = createRequire(import.meta.url);
const pure = {
  compile: () => require("./compile/compile.ts") as typeof import("./compile/compile.ts"),
  support: () => require("./compile/support.ts") as typeof import("./compile/support.ts"),
  variables: () => require("./compile/variables.ts") as typeof import("./compile/variables.ts"),
};

/** Google as a cloud: Cloud Run with what it needs, made one by one in a project of the visitor's. */
export const gcp = (world: Dependencies): Cloud => ({
  id: "gcp",
  name: "Google Cloud",
  regions,
  support: (app) => pure.support().support(app),
  variables: (app) => pure.variables().askedVariables(app),
  compile: (app, choice) => pure.compile().compile(app, choice),
  connect: connect(world),
  async instructions(app, plan, at) {
    const { byHand } = await import("./export/instructions.ts");
    return byHand(world, app, plan, at);
  },
  async preflight(plan, access) {
    const { preflight } = await import("./access/preflight.ts");
    return preflight(world, plan, access);
  },
  async *provision(run) {
    const [{ provision }, { recordProject: placing }] = await Promise.all([
      import("./provision/provision.ts"),
      import("./provision/pinned-project.ts"),
    ]);
    yield* placing(run, provision(world, run));
  },
  async *remove(run) {
    const [{ remove }, { wrongProjectEvent: elsewhere }] = await Promise.all([
      import("./provision/remove.ts"),
      import("./provision/pinned-project.ts"),
    ]);
    const said = elsewhere(run);
    if (said) yield said;
    else yield* remove(world, run);
  },
});
