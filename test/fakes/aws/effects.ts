import { connect } from "../../../src/clouds/aws/access/connect.ts";
import { preflight } from "../../../src/clouds/aws/access/preflight.ts";
import type { Dependencies } from "../../../src/clouds/aws/dependencies.ts";
import { provision } from "../../../src/clouds/aws/provision/provision.ts";
import { remove } from "../../../src/clouds/aws/provision/remove.ts";
import type { Cloud } from "../../../src/clouds/cloud.ts";

/** The effectful half of the cloud, without compile. */
export const cloudEffects = (
  dependencies: Dependencies,
): Pick<Cloud, "connect" | "preflight" | "provision" | "remove"> => ({
  connect: connect(dependencies),
  preflight: (plan, access) => preflight(dependencies, plan, access),
  provision: (run) => provision(dependencies, run),
  remove: (run) => remove(dependencies, run),
});
