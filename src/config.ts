import { basename, delimiter, resolve } from "node:path";
import { configureClouds } from "./clouds/index.ts";
import type { CloudModule, ConfiguredCloud } from "./clouds/module.ts";
import { type Environment, type OAuthClient, readEnvironment } from "./environment.ts";
import type { AllowedNetwork } from "./network/ip-ranges.ts";

/** The environment variables of the server, read once at start. */
export interface Config {
  port: number;
  /** The address to listen on: loopback unless ORIGIN is an address that others reach. */
  hostname: string;
  /** Scheme, host and port in badges and links, without a slash at the end. */
  origin: string;
  dataDir: string;
  /** null: created and kept in `dataDir`. */
  secret: string | null;
  /** Folders served as `local/<name>/<child>`. */
  localRepos: string[];
  /** Whether apps may be built and run on this machine. */
  localCloud: boolean;
  github: {
    apiUrl: string;
    token: string | null;
    /** Where people sign in. */
    oauthUrl: string;
    /** The operator's OAuth app; null: sign-in is off. */
    client: OAuthClient | null;
  };
  /** GitHub logins, in lower case, of the people who may block repositories. */
  operators: string[];
  /** Where webhooks may go. */
  webhooksReach: AllowedNetwork;
  /** Every cloud with its own part of the environment read. */
  clouds: ConfiguredCloud[];
}

type Env = Record<string, string | undefined>;

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

export const isLoopback = (origin: string) => loopback.has(new URL(origin).hostname);

/** Throws one error that lists everything that is wrong. Tests give other clouds than the server's. */
export function readConfig(env: Env, clouds?: CloudModule[]): Config {
  const environment = readEnvironment(env);
  const { problems, url } = environment;
  const port = /^\d{1,5}$/.test(env.PORT || "8080") ? Number(env.PORT || "8080") : 65536;
  if (port > 65535) problems.push(`PORT is "${env.PORT}": write a number up to 65535`);

  const originUrl = new URL(url("ORIGIN", `http://localhost:${port > 65535 ? 8080 : port}`));
  // Normalized as browsers do, because their Origin header is compared with it.
  const { origin } = originUrl;
  if (originUrl.href !== `${origin}/`) problems.push(`ORIGIN is "${env.ORIGIN}": write no more than ${origin}`);
  if (env.SECRET && env.SECRET.length < 32)
    problems.push("SECRET is shorter than 32 characters: `openssl rand -hex 32`");

  const localCloudSetting = env.LOCAL_CLOUD || "auto";
  if (!["auto", "on", "off"].includes(localCloudSetting))
    problems.push(`LOCAL_CLOUD is "${localCloudSetting}": write on, off or nothing`);
  const configured = !isLoopback(origin) || Object.keys(env).some((key) => /_CLIENT_ID$/.test(key) && env[key]);
  const localCloud = localCloudSetting === "on" || (localCloudSetting === "auto" && !configured);

  const webhooksToPrivate = env.WEBHOOKS_TO_PRIVATE || "off";
  if (!["on", "off"].includes(webhooksToPrivate))
    problems.push(`WEBHOOKS_TO_PRIVATE is "${webhooksToPrivate}": write on or off`);

  const folders = (env.LOCAL_REPOS ?? (localCloud ? "examples" : "")).split(delimiter).filter(Boolean);
  const localRepos = folders.map((folder) => resolve(folder));
  if (new Set(localRepos.map((folder) => basename(folder))).size < localRepos.length)
    problems.push("LOCAL_REPOS names two folders of the same name: rename one, its name is part of the address");

  const config: Config = {
    port,
    hostname: isLoopback(origin) ? "127.0.0.1" : "::",
    origin,
    dataDir: resolve(env.DATA_DIR || "data"),
    secret: env.SECRET || null,
    localRepos,
    localCloud,
    clouds: configureClouds(environment, clouds),
    github: {
      apiUrl: url("GITHUB_API_URL", "https://api.github.com"),
      token: env.GITHUB_TOKEN || null,
      oauthUrl: url("GITHUB_OAUTH_URL", "https://github.com"),
      client: environment.oauthClient("GITHUB"),
    },
    operators: readOperators(environment),
    webhooksReach: webhooksToPrivate === "on" ? "private" : localCloud && isLoopback(origin) ? "loopback" : "public",
  };
  if (problems.length > 0) throw new Error(`The configuration cannot be used:\n- ${problems.join("\n- ")}`);
  return config;
}

function readOperators({ get, problem }: Environment): string[] {
  const logins = (get("OPERATORS") ?? "").split(",").flatMap((login) => login.trim().toLowerCase() || []);
  const invalid = logins.find((login) => !/^[a-z\d][\w-]{0,38}$/.test(login));
  if (invalid !== undefined) problem(`OPERATORS has "${invalid}": write logins on GitHub with commas between them`);
  return logins;
}
