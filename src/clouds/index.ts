import type { Dependencies as Aws } from "./aws/dependencies.ts";
import { aws } from "./aws/index.ts";
import type { Cloud } from "./cloud.ts";
import type { Dependencies as Gcp } from "./gcp/dependencies.ts";
import { gcp } from "./gcp/index.ts";
import { local } from "./local/index.ts";

interface Settings {
  dataDir: string;
  localCloud: boolean;
  /** What AWS needs to know of us. */
  aws: Aws;
  /** The same for Google. */
  gcp: Gcp;
  /** PATH: where this machine's programs are. */
  path: string;
  /** Our own environment: how builds on this machine reach the package registries. */
  environment: Record<string, string | undefined>;
}

/** Every cloud that this Slipway offers. The only file that names them all. */
export const clouds = ({ localCloud, aws: amazon, gcp: google, ...machine }: Settings): Cloud[] => [
  ...(localCloud ? [local(machine)] : []),
  aws(amazon),
  gcp(google),
];
