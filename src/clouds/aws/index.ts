import { createRequire } from "node:module";
import type { Cloud } from "../cloud.ts";
import { connect } from "./connect.ts";
import { regions } from "./regions.ts";
import type { World } from "./world.ts";

// Seventy files and an SDK: loaded when the first app is looked at or goes there, not at start. `require` because what
// is pure is not asynchronous either.
const require = createRequire(import.meta.url);
const pure = {
  compile: () => require("./compile.ts") as typeof import("./compile.ts"),
  support: () => require("./support.ts") as typeof import("./support.ts"),
  variables: () => require("./variables.ts") as typeof import("./variables.ts"),
};

/** AWS as a cloud: one CloudFormation stack in the visitor's own account. */
export const aws = (world: World): Cloud => ({
  id: "aws",
  name: "Amazon Web Services",
  regions,
  support: (app) => pure.support().support(app),
  variables: (app) => pure.variables().asked(app),
  compile: (app, choice) => pure.compile().compile(app, choice),
  connect: connect(world),
  async byHand(app, plan, at) {
    const { byHand } = await import("./by-hand.ts");
    return byHand(world, app, plan, at);
  },
  async preflight(plan, access) {
    const { preflight } = await import("./preflight.ts");
    return preflight(world, plan, access);
  },
  async *provision(run) {
    const { provision } = await import("./provision.ts");
    yield* provision(world, run);
  },
  async *remove(run) {
    const { remove } = await import("./remove.ts");
    yield* remove(world, run);
  },
});
