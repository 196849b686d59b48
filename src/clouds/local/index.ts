import type { Cloud } from "../cloud.ts";
import { connect } from "./access/connect.ts";
import { compile } from "./compile/compile.ts";
import { support } from "./compile/support.ts";
import { askedVariables } from "./compile/variables.ts";
import { machine, type Options } from "./dependencies.ts";

/** This machine as a cloud: apps run as processes of the user that runs Slipway, on loopback. */
export function local(options: Options): Cloud {
  const here = machine(options);
  return {
    id: "local",
    name: "This machine",
    regions: [{ id: "here", name: "This machine" }],
    support: (app) => support(app, here.path),
    variables: askedVariables,
    compile,
    connect,
    preflight: async () => [],
    // Loaded when the first app is to run: most of what a start would otherwise cost.
    async *provision(run) {
      const { provision } = await import("./provision/provision.ts");
      yield* provision(here, run);
    },
    async *remove(run) {
      const { remove } = await import("./provision/provision.ts");
      yield* remove(here, run);
    },
  };
}
