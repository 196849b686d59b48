import type { Cloud } from "../cloud.ts";
import { connect } from "./connect.ts";
import { preflight } from "./preflight.ts";
import { provision } from "./provision.ts";
import { remove } from "./remove.ts";
import type { World } from "./world.ts";

/** The half of this cloud that does something: everything but what is pure. */
export const lending = (world: World): Pick<Cloud, "connect" | "preflight" | "provision" | "remove"> => ({
  connect: connect(world),
  preflight: (plan, access) => preflight(world, plan, access),
  provision: (run) => provision(world, run),
  remove: (run) => remove(world, run),
});
