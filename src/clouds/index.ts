import type { BadgeCloud } from "../../badges/logos.ts";
import type { Environment, Setting } from "../environment.ts";
import { announcedClouds } from "./announced.ts";
import { awsModule } from "./aws/index.ts";
import type { Cloud } from "./cloud.ts";
import { gcpModule } from "./gcp/index.ts";
import { localModule } from "./local/index.ts";
import type { CloudModule, ConfiguredCloud, Platform } from "./module.ts";

/** Every cloud, in the order of the pages. The only file that names them all. */
const modules: CloudModule[] = [localModule, awsModule, gcpModule];

/** Every cloud that badges and settings may name. */
export const badgeClouds = (clouds: Pick<CloudModule, "id" | "mark">[] = modules): BadgeCloud[] => [
  ...clouds.map(({ id, mark }) => ({ id, ...mark })),
  ...announcedClouds,
];

export const cloudSettings = (): Setting[] => modules.flatMap(({ settings }) => settings);

/** Reads the configuration of every cloud; what is wrong is collected in `env.problems`. */
export const configureClouds = (env: Environment, clouds = modules): ConfiguredCloud[] =>
  clouds.map(({ configure }) => configure(env));

/** Returns the clouds this server offers. `deriveSecret` gets the cloud's id first: no two clouds share a secret. */
export const createClouds = (
  configured: ConfiguredCloud[],
  { deriveSecret, ...platform }: Omit<Platform, "deriveSecret"> & { deriveSecret(cloud: string, text: string): string },
): Cloud[] =>
  configured.flatMap(({ id, create }) => create({ ...platform, deriveSecret: (text) => deriveSecret(id, text) }) ?? []);
