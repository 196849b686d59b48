import type { Cloud } from "../cloud.ts";
import { compile } from "./compile.ts";
import { connect } from "./connect.ts";
import { preflight } from "./preflight.ts";
import { regions } from "./prices.ts";
import { provision } from "./provision.ts";
import { remove } from "./remove.ts";
import { support } from "./support.ts";
import type { World } from "./world.ts";

/** AWS as a cloud: one CloudFormation stack in the visitor's own account. */
export const aws = (world: World): Cloud => ({
  id: "aws",
  name: "Amazon Web Services",
  regions,
  support,
  compile,
  connect: connect(world),
  preflight: (plan, access) => preflight(world, plan, access),
  provision: (run) => provision(world, run),
  remove: (run) => remove(world, run),
});
