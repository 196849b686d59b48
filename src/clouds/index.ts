import { aws } from "./aws/index.ts";
import type { World } from "./aws/world.ts";
import type { Cloud } from "./cloud.ts";
import { local } from "./local/index.ts";

interface Settings {
  dataDir: string;
  localCloud: boolean;
  /** What AWS needs to know of us. */
  aws: World;
  /** PATH: where this machine's programs are. */
  path: string;
  /** Our own environment: how builds on this machine reach the package registries. */
  environment: Record<string, string | undefined>;
}

/** Every cloud that this Slipway offers. The only file that names them all. */
export const clouds = ({ localCloud, aws: world, ...machine }: Settings): Cloud[] => [
  ...(localCloud ? [local(machine)] : []),
  aws(world),
];
