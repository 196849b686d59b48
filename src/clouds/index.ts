import type { Cloud } from "./cloud.ts";
import { local } from "./local/index.ts";

interface Settings {
  dataDir: string;
  localCloud: boolean;
  /** PATH: where this machine's programs are. */
  path: string;
}

/** Every cloud that this Slipway offers. The only file that names them all. */
export const clouds = ({ dataDir, localCloud, path }: Settings): Cloud[] =>
  localCloud ? [local({ dataDir, path })] : [];
