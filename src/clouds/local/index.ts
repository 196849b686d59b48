import type { Cloud } from "../cloud.ts";
import { defineCloud } from "../module.ts";
import { connect } from "./access/connect.ts";
import { compile } from "./compile/compile.ts";
import { support } from "./compile/support.ts";
import { askedVariables } from "./compile/variables.ts";
import { type Options, withDefaults } from "./dependencies.ts";
import { mark } from "./mark.ts";
import { installed } from "./programs.ts";

export const localModule = defineCloud({
  id: "local",
  mark,
  // LOCAL_CLOUD belongs to the server: it also decides whom the server trusts.
  settings: [],
  readConfig: () => null,
  create: (_, { localCloud, dataDir, environment }) =>
    localCloud ? local({ dataDir, path: environment.PATH ?? "", environment }) : null,
});

/** This machine as a cloud: apps run as processes of the user that runs Slipway, on loopback. */
export function local(options: Options): Cloud {
  const dependencies = withDefaults(options);
  return {
    id: localModule.id,
    mark,
    name: "This machine",
    words: {
      inSentence: "this machine",
      docs: "docs/clouds/local.md",
      billed: false,
      keptAfterFailure: "We kept what was created and your answers, so you can retry.",
    },
    regions: [{ id: "here", name: "This machine" }],
    support: (app) => support(app, installed(options.path)),
    variables: askedVariables,
    compile,
    connect,
    preflight: async () => [],
    runsAppCommand: (step, { services, jobs }) =>
      ["build", "health", ...services.map(({ name }) => name), ...jobs.map(({ name }) => name)].includes(step),
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
