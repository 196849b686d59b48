import type { Cloud } from "../src/clouds/cloud.ts";
import { type Config, isLoopback } from "../src/config.ts";

/** What the operator reads when the server has started: where it is, what works, what would make more work. */
export function startupMessage(config: Config, clouds: Cloud[], examples: string[]): string {
  const here = `This machine: ${thisMachine(config)}`;
  const others = clouds
    .filter(({ connect }) => connect.kind !== "none")
    .map(({ name, connect }) => `${name}: ${connect.unavailableReason ?? connect.summary}`);
  const github = config.github.token
    ? "github.com: with your GITHUB_TOKEN."
    : "github.com: public repositories, 60 requests per hour. GITHUB_TOKEN raises that to 5,000.";
  return [
    `Slipway is running at ${config.origin}`,
    "",
    "Clouds",
    ...[here, ...others].map((line) => `  ${line}`),
    "Repositories",
    `  ${github}`,
    `  ${signIn(config)}`,
    ...examples.map((path) => `  ${config.origin}${path}`),
    "",
    `Data is in ${config.dataDir}. Stop with Ctrl-C: running steps are finished, the rest continues at the next start. Apps keep running.`,
  ].join("\n");
}

function thisMachine({ localCloud, origin }: Config): string {
  const open = !isLoopback(origin);
  if (localCloud && open) return "connected. Warning: everyone who can reach this server can run programs on it.";
  if (localCloud) return "connected. Apps are built and run here and listen on 127.0.0.1 only.";
  const why = open ? "this server is reachable from other machines" : "LOCAL_CLOUD says so, or another cloud is set up";
  return `off, because ${why}. LOCAL_CLOUD=on turns it on.`;
}

const signIn = ({ github, operators }: Config) =>
  github.client === null
    ? "Sign-in is off: set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET to let maintainers sign in (docs/sign-in.md)."
    : `Maintainers can sign in with GitHub; ${operators.length > 0 ? `operators are ${operators.join(", ")}` : "OPERATORS is empty"}.`;
