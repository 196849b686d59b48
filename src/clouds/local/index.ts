import type { Cloud } from "../cloud.ts";
import { connect } from "./access/connect.ts";
import { compile } from "./compile/compile.ts";
import { support } from "./compile/support.ts";
import { askedVariables } from "./compile/variables.ts";
import { type Options, withDefaults } from "./dependencies.ts";
import { installed } from "./programs.ts";

/** This machine as a cloud: apps run as processes of the user that runs Slipway, on loopback. */
export function local(options: Options): Cloud {
  const dependencies = withDefaults(options);
  return {
    id: "local",
    name: "This machine",
    regions: [{ id: "here", name: "This machine" }],
    support: (app) => support(app, installed(options.path)),
    variables: askedVariables,
    compile,
    connect,
    preflight: async () => [],
    // Loaded lazily: these imports are most of the start-up time.
    async *provision(run) {
      const { provision } = await import("./provision/provision.ts");
      yield* provision(dependencies, run);
    },
    async *remove(run) {
      const { remove } = await import("./provision/provision.ts");
      yield* remove(dependencies, run);
    },
  };
}
