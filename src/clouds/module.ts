import type { Mark } from "../../badges/logos.ts";
import type { Environment, Setting } from "../environment.ts";
import type { Cloud } from "./cloud.ts";
import type { Probe } from "./probe-url.ts";

/** What the server gives every cloud. Tests give stand-ins. */
export interface Platform {
  /** Our own public address, without a slash at the end. */
  origin: string;
  /** Where a cloud may keep files of its own. */
  dataDir: string;
  /** Whether apps may run on the machine that Slipway runs on. */
  localCloud: boolean;
  /** The environment of this process, for clouds that start programs. */
  environment: Record<string, string | undefined>;
  fetch: typeof fetch;
  /** Requests URLs from visitors' accounts. */
  probe: Probe;
  now(): Date;
  /** Waits; rejects with the signal's reason when it is aborted first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** Returns an OpenID Connect token of ours for this subject, valid for five minutes. */
  signIdToken(subject: string, audience: string): Promise<string>;
  /** Returns 40 letters and digits that only this server derives from this text, the same every time; each cloud has its own. */
  deriveSecret(text: string): string;
}

/** A cloud whose part of the environment has been read. */
export interface ConfiguredCloud {
  id: string;
  mark: Mark;
  config: unknown;
  /** null when the cloud is not offered on this server. */
  create(platform: Platform): Cloud | null;
}

/** What the list of clouds holds. */
export interface CloudModule {
  id: string;
  mark: Mark;
  /** The environment variables it reads, as the README lists them. */
  settings: Setting[];
  /** Reads them; what is wrong is collected in `env.problems`. */
  configure(env: Environment): ConfiguredCloud;
}

interface CloudDefinition<Config> extends Pick<CloudModule, "id" | "mark" | "settings"> {
  readConfig(env: Environment): Config;
  create(config: Config, platform: Platform): Cloud | null;
}

export const defineCloud = <Config>({
  id,
  mark,
  settings,
  readConfig,
  create,
}: CloudDefinition<Config>): CloudModule => ({
  id,
  mark,
  settings,
  configure(env) {
    const config = readConfig(env);
    return { id, mark, config, create: (platform) => create(config, platform) };
  },
});
