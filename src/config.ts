import { basename, delimiter, resolve } from "node:path";
import type { AllowedNetwork } from "./network/ip-ranges.ts";

/** The environment, understood: read once at the door. */
export interface Config {
  port: number;
  /** Where the socket is opened: loopback unless the operator gave an ORIGIN for others to reach. */
  hostname: string;
  /** Scheme, host and port that badges and links carry, without a slash at the end. */
  origin: string;
  dataDir: string;
  /** null: made and kept in `dataDir`. */
  secret: string | null;
  /** Folders served as `local/<name>/<child>`. */
  localRepos: string[];
  /** Whether apps may be built and run on this very machine. */
  localCloud: boolean;
  github: {
    apiUrl: string;
    token: string | null;
    /** Where people sign in. */
    oauthUrl: string;
    /** The OAuth app of the operator; null: nobody can sign in. */
    client: { id: string; secret: string } | null;
  };
  /** Logins on GitHub, in lower case, of those who may block repositories. */
  operators: string[];
  /** Where webhooks may go. */
  webhooksReach: AllowedNetwork;
  aws: {
    /** Where its APIs live when that is not AWS. */
    endpoint: string | undefined;
    /** The operator's own; null: AWS knows us by our origin, or not at all. */
    keys: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | null;
    /** A bucket of the operator's that the AWS console can read templates from. */
    templatesBucket: string | null;
  };
  gcp: {
    /** Where its APIs live when that is not Google. */
    endpoint: string | undefined;
    /** Where visitors sign in. */
    issuer: string;
    /** The operator's OAuth client; null: visitors can only run the script themselves. */
    client: { id: string; secret: string } | null;
  };
}

type Env = Record<string, string | undefined>;

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);

export const isLoopback = (origin: string) => loopback.has(new URL(origin).hostname);

/** Throws one error that names everything that is wrong. */
export function readConfig(env: Env): Config {
  const wrong: string[] = [];
  const url = (key: string, fallback: string) => {
    const text = env[key] || fallback;
    if (/^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text.replace(/\/+$/, "");
    wrong.push(`${key} is "${text}": write a full address, such as ${fallback}`);
    return fallback;
  };
  const port = /^\d{1,5}$/.test(env.PORT || "8080") ? Number(env.PORT || "8080") : 65536;
  if (port > 65535) wrong.push(`PORT is "${env.PORT}": write a number up to 65535`);

  const given = new URL(url("ORIGIN", `http://localhost:${port > 65535 ? 8080 : port}`));
  // As browsers write it, since theirs is compared with ours.
  const { origin } = given;
  if (given.href !== `${origin}/`) wrong.push(`ORIGIN is "${env.ORIGIN}": write no more than ${origin}`);
  if (env.SECRET && env.SECRET.length < 32) wrong.push("SECRET is shorter than 32 characters: `openssl rand -hex 32`");

  const wish = env.LOCAL_CLOUD || "auto";
  if (!["auto", "on", "off"].includes(wish)) wrong.push(`LOCAL_CLOUD is "${wish}": write on, off or nothing`);
  const configured = !isLoopback(origin) || Object.keys(env).some((key) => /_CLIENT_ID$/.test(key) && env[key]);
  const localCloud = wish === "on" || (wish === "auto" && !configured);

  const isPrivate = env.WEBHOOKS_TO_PRIVATE || "off";
  if (!["on", "off"].includes(isPrivate)) wrong.push(`WEBHOOKS_TO_PRIVATE is "${isPrivate}": write on or off`);

  const folders = (env.LOCAL_REPOS ?? (localCloud ? "examples" : "")).split(delimiter).filter(Boolean);
  const localRepos = folders.map((folder) => resolve(folder));
  if (new Set(localRepos.map((folder) => basename(folder))).size < localRepos.length)
    wrong.push("LOCAL_REPOS names two folders of the same name: rename one, its name is part of the address");

  const config: Config = {
    port,
    hostname: isLoopback(origin) ? "127.0.0.1" : "::",
    origin,
    dataDir: resolve(env.DATA_DIR || "data"),
    secret: env.SECRET || null,
    localRepos,
    localCloud,
    aws: {
      endpoint: env.AWS_ENDPOINT_URL ? url("AWS_ENDPOINT_URL", "http://localhost:4566") : undefined,
      keys: awsKeys(env, wrong),
      templatesBucket: env.AWS_TEMPLATES_BUCKET || null,
    },
    github: {
      apiUrl: url("GITHUB_API_URL", "https://api.github.com"),
      token: env.GITHUB_TOKEN || null,
      oauthUrl: url("GITHUB_OAUTH_URL", "https://github.com"),
      client: clientOf(env, wrong, ["GITHUB"]),
    },
    operators: readOperators(env.OPERATORS ?? "", wrong),
    gcp: {
      endpoint: env.GOOGLE_API_URL ? url("GOOGLE_API_URL", "http://localhost:4567") : undefined,
      issuer: url("GOOGLE_OAUTH_URL", "https://accounts.google.com"),
      client: clientOf(env, wrong, ["GCP", "GOOGLE"]),
    },
    webhooksReach: isPrivate === "on" ? "private" : localCloud && isLoopback(origin) ? "loopback" : "public",
  };
  if (wrong.length > 0) throw new Error(`The configuration cannot be used:\n- ${wrong.join("\n- ")}`);
  return config;
}

function awsKeys(env: Env, wrong: string[]): Config["aws"]["keys"] {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: token } = env;
  if (!accessKeyId && !secretAccessKey) return null;
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken: token || undefined };
  wrong.push("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: set both or neither");
  return null;
}

function readOperators(text: string, wrong: string[]): string[] {
  const logins = text.split(",").flatMap((login) => login.trim().toLowerCase() || []);
  const odd = logins.find((login) => !/^[a-z\d][\w-]{0,38}$/.test(login));
  if (odd !== undefined) wrong.push(`OPERATORS has "${odd}": write logins on GitHub with commas between them`);
  return logins;
}

/** An OAuth client's id and secret, under the first of these names that has either. */
function clientOf(env: Env, wrong: string[], names: string[]): { id: string; secret: string } | null {
  const name = names.find((one) => env[`${one}_CLIENT_ID`] || env[`${one}_CLIENT_SECRET`]);
  if (!name) return null;
  const [id, secret] = [env[`${name}_CLIENT_ID`], env[`${name}_CLIENT_SECRET`]];
  if (id && secret) return { id, secret };
  wrong.push(`${name}_CLIENT_ID and ${name}_CLIENT_SECRET go together: set both or neither`);
  return null;
}
