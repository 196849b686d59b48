import { createRequire } from "node:module";
import type { Cloud } from "../cloud.ts";
import { connect } from "./connect.ts";
import { regions } from "./regions.ts";
import type { World } from "./world.ts";

// Eighty files and an SDK: loaded when the first app is looked at or goes there, not at start. `require` because what is
// pure is not asynchronous either.
const require = createRequire(import.meta.url);
const pure = {
  compile: () => require("./compile.ts") as typeof import("./compile.ts"),
  support: () => require("./support.ts") as typeof import("./support.ts"),
  variables: () => require("./variables.ts") as typeof import("./variables.ts"),
};

/** Google as a cloud: Cloud Run with what it needs, made one by one in a project of the visitor's. */
export const gcp = (world: World): Cloud => ({
  id: "gcp",
  name: "Google Cloud",
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
    const [{ provision }, { placing }] = await Promise.all([import("./provision.ts"), import("./place.ts")]);
    yield* placing(run, provision(world, run));
  },
  async *remove(run) {
    const [{ remove }, { elsewhere }] = await Promise.all([import("./remove.ts"), import("./place.ts")]);
    const said = elsewhere(run);
    if (said) yield said;
    else yield* remove(world, run);
  },
});
