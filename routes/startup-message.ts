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
    : "github.com: public repositories, 60 new look-ups an hour. GITHUB_TOKEN raises that to 5,000.";
  return [
    `Slipway is at ${config.origin}`,
    "",
    "Clouds",
    ...[localCloud, ...otherClouds].map((line) => `  ${line}`),
    "Repositories",
    `  ${github}`,
    `  ${signIn(config)}`,
    ...examples.map((path) => `  ${config.origin}${path}`),
    "",
    `Data is in ${config.dataDir}. Stop with Ctrl-C: what is in hand is finished, the rest goes on at the next start.`,
  ].join("\n");
}

function thisMachine({ localCloud, origin }: Config): string {
  const isPublic = !isLoopback(origin);
  if (localCloud && isPublic) return "connected. Take care: whoever reaches this Slipway can run programs here.";
  if (localCloud) return "connected. Apps are built and run here, and listen on 127.0.0.1 only.";
  const reason = isPublic ? "this Slipway is open to others" : "LOCAL_CLOUD says so, or another cloud is set up";
  return `off, because ${reason}. LOCAL_CLOUD=on turns it on.`;
}

const signIn = ({ github, operators }: Config) =>
  github.client === null
    ? "Nobody can sign in: GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET let maintainers (docs/sign-in.md)."
    : `Maintainers can sign in with GitHub; ${operators.length > 0 ? `operators are ${operators.join(", ")}` : "OPERATORS names no operator yet"}.`;
