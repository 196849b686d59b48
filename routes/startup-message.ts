import type { Cloud } from "../src/clouds/cloud.ts";
import { type Config, isLoopback } from "../src/config.ts";

/** Returns what the server prints at start: its address, what is configured and which variables would enable more. */
export function startupMessage(config: Config, clouds: Cloud[], examples: string[]): string {
  const localCloud = `This machine: ${thisMachine(config)}`;
  const otherClouds = clouds
    .filter(({ connect }) => connect.kind !== "none")
    .map(({ name, connect }) => `${name}: ${connect.unavailableReason ?? connect.summary}`);
  const github = config.github.token
    ? "github.com: with your GITHUB_TOKEN."
    : "github.com: public repositories, 60 requests per hour. GITHUB_TOKEN raises that to 5,000.";
  return [
    `Slipway is running at ${config.origin}`,
    "",
    "Clouds",
    ...[localCloud, ...otherClouds].map((line) => `  ${line}`),
    "Repositories",
    `  ${github}`,
    `  ${signIn(config)}`,
    ...examples.map((path) => `  ${config.origin}${path}`),
    "",
    `Data is in ${config.dataDir}. Stop with Ctrl-C: running steps are finished, the rest continues at the next start. Apps keep running.`,
  ].join("\n");
}

function thisMachine({ localCloud, origin }: Config): string {
  const isPublic = !isLoopback(origin);
  if (localCloud && isPublic) return "connected. Warning: everyone who can reach this server can run programs on it.";
  if (localCloud) return "connected. Apps are built and run here and listen on 127.0.0.1 only.";
  const reason = isPublic
    ? "this server is reachable from other machines"
    : "LOCAL_CLOUD says so, or another cloud is set up";
  return `off, because ${reason}. LOCAL_CLOUD=on turns it on.`;
}

const signIn = ({ github, operators }: Config) =>
  github.client === null
    ? "Sign-in is off: set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET to let maintainers sign in (docs/sign-in.md)."
    : `Maintainers can sign in with GitHub; ${operators.length > 0 ? `operators are ${operators.join(", ")}` : "OPERATORS is empty"}.`;
