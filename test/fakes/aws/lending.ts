import { connect } from "../../../src/clouds/aws/access/connect.ts";
import { preflight } from "../../../src/clouds/aws/access/preflight.ts";
import type { Dependencies } from "../../../src/clouds/aws/dependencies.ts";
import { provision } from "../../../src/clouds/aws/provision/provision.ts";
import { remove } from "../../../src/clouds/aws/provision/remove.ts";
import type { Cloud } from "../../../src/clouds/cloud.ts";

/** The half of this cloud that does something: everything but what is pure. */
export const lending = (world: Dependencies): Pick<Cloud, "connect" | "preflight" | "provision" | "remove"> => ({
  connect: connect(world),
  preflight: (plan, access) => preflight(world, plan, access),
  provision: (run) => provision(world, run),
  remove: (run) => remove(world, run),
});
