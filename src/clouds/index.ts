import type { Cloud } from "./cloud.ts";
import { local } from "./local/index.ts";

interface Settings {
  dataDir: string;
  localCloud: boolean;
  /** PATH: where this machine's programs are. */
  path: string;
  /** Our own environment: how builds on this machine reach the package registries. */
  environment: Record<string, string | undefined>;
}

/** Every cloud that this Slipway offers. The only file that names them all. */
export const clouds = ({ dataDir, localCloud, path, environment }: Settings): Cloud[] =>
  localCloud ? [local({ dataDir, path, environment })] : [];
