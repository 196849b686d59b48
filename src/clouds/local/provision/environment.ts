import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Resource } from "../../../app.ts";
import type { LedgerData, Run } from "../../cloud.ts";
import { OperationalError } from "../../cloud.ts";
import { askedVariables } from "../compile/variables.ts";
import type { Dependencies, Folders } from "../dependencies.ts";
import { pathFolders } from "../programs.ts";

type Env = Record<string, string>;

const loopback = fileURLToPath(new URL("./processes/loopback.cjs", import.meta.url));

/** Makes Node programs listen on 127.0.0.1 only. Others get `HOST`, and the health check inspects their sockets. */
const requireLoopback = `--require "${loopback.replace(/["\\]/g, "\\$&")}"`;

/** Returns the complete environment of an app's process; it contains nothing of Slipway's own environment. */
export function environment(machine: Dependencies, folders: Folders, variables: Env): Env {
  const binFolders = [join(folders.made, "bin"), join(folders.app, "node_modules/.bin"), dirname(process.execPath)];
  const { PATH: _, NODE_OPTIONS: nodeOptions = "", ...rest } = variables;
  for (const [name, value] of Object.entries(rest))
    if (!/^[^\0=]+$/.test(name) || value.includes("\0"))
      throw new OperationalError(
        `The variable ${JSON.stringify(name)} cannot be given to a process.`,
        "Take out the NUL or = in it.",
      );
  const env: Env = {
    LANG: machine.environment.LANG || "C.UTF-8",
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    ...rest,
    HOME: folders.home,
    TMPDIR: folders.tmp,
    PATH: [...binFolders, ...pathFolders(machine.path), "/usr/bin", "/bin"].join(delimiter),
    NODE_OPTIONS: `${requireLoopback} ${nodeOptions}`.trim(),
  };
  if (["0.0.0.0", "::", ""].includes(env.HOST ?? "")) env.HOST = "127.0.0.1";
  return env;
}

const registrySettings = [
  "npm_config_userconfig npm_config_globalconfig npm_config_registry npm_config_cafile npm_config_cache",
  "HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR",
  "PIP_CONFIG_FILE PIP_INDEX_URL PIP_CERT REQUESTS_CA_BUNDLE BUNDLE_MIRROR__ALL GOPROXY GOFLAGS",
]
  .join(" ")
  .split(" ");

/** Adds the settings with which package managers reach the registries that the user of this machine reaches. */
export function buildEnvironment({ environment: ownEnvironment }: Dependencies, env: Env): Env {
  const settings: Env = {};
  for (const name of registrySettings) if (ownEnvironment[name]) settings[name] = ownEnvironment[name];
  const home = ownEnvironment.HOME || homedir();
  const npmrc = join(home, ".npmrc");
  if (!settings.npm_config_userconfig && existsSync(npmrc)) settings.npm_config_userconfig = npmrc;
  settings.npm_config_cache ??= join(home, ".npm");
  return {
    ...settings,
    ...env,
    // With NODE_ENV=production npm would skip the devDependencies, which builds need.
    npm_config_include: "dev",
    npm_config_update_notifier: "false",
    npm_config_logs_max: "0",
  };
}

/** Fills `${url}` and the like in a resource's variables with the resource's outputs. */
export function resolveResourceEnv({ env }: Pick<Resource, "env">, outputs: Env): Env {
  const fill = (template: string) => template.replace(/\$\{(\w+)\}/g, (_, name: string) => outputs[name] ?? "");
  return Object.fromEntries(Object.entries(env).map(([name, template]) => [name, fill(template)]));
}

/** Returns the port in a step's ledger data; 0 if absent. */
export const portOf = (data: LedgerData) => Number(data.port ?? 0);

/** Returns the secrets among the answers, which the app's processes may print. */
export function secretsOf({ app, env }: Pick<Run, "app" | "env">): string[] {
  const secrets = askedVariables(app).filter(({ secret, generator }) => secret || generator);
  return secrets.flatMap(({ name }) => env[name] ?? []);
}
