import { createRequire } from "node:module";
import type { Cloud } from "../cloud.ts";
import { connect } from "./access/connect.ts";
import type { Dependencies } from "./dependencies.ts";
import { regions } from "./regions.ts";

// Seventy files and an SDK: loaded when the first app is looked at or goes there, not at start. `require` because what
// is pure is not asynchronous either.
const require = createRequire(import.meta.url);
const pure = {
  compile: () => require("./compile/compile.ts") as typeof import("./compile/compile.ts"),
  support: () => require("./compile/support.ts") as typeof import("./compile/support.ts"),
  variables: () => require("./compile/parameters.ts") as typeof import("./compile/parameters.ts"),
};

/** AWS as a cloud: one CloudFormation stack in the visitor's own account. */
export const aws = (world: Dependencies): Cloud => ({
  id: "aws",
  name: "Amazon Web Services",
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
    const { provision } = await import("./provision/provision.ts");
    yield* provision(world, run);
  },
  async *remove(run) {
    const { remove } = await import("./provision/remove.ts");
    yield* remove(world, run);
  },
});
