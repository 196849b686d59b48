import type { Cloud } from "../cloud.ts";
import { asked } from "./asked.ts";
import { compile } from "./compile.ts";
import { connect } from "./connect.ts";
import { machine, type Options } from "./machine.ts";
import { support } from "./support.ts";

/** This machine as a cloud: apps run as processes of the user that runs Slipway, on loopback. */
export function local(options: Options): Cloud {
  const here = machine(options);
  return {
    id: "local",
    name: "This machine",
    regions: [{ id: "here", name: "This machine" }],
    support: (app) => support(app, here.path),
    variables: asked,
    compile,
    connect,
    preflight: async () => [],
    // Loaded when the first app is to run: most of what a start would otherwise cost.
    async *provision(run) {
      const { provision } = await import("./provision.ts");
      yield* provision(here, run);
    },
    async *remove(run) {
      const { remove } = await import("./provision.ts");
      yield* remove(here, run);
    },
  };
}
