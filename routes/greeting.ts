import type { Cloud } from "../src/clouds/cloud.ts";
import type { Config } from "../src/config.ts";

/** What the operator reads when the server has started: where it is, what works, what would make more work. */
export function greeting(config: Config, clouds: Cloud[], examples: string[]): string {
  const here = config.localCloud
    ? ["This machine: connected. Apps are built and run here, and listen on 127.0.0.1 only."]
    : ["This machine: off, because this Slipway is open to others. LOCAL_CLOUD=on turns it on."];
  const others = clouds
    .filter(({ id }) => id !== "local")
    .map(({ name, connect }) => `${name}: ${connect.closed ?? connect.explain}`);
  const github = config.github.token
    ? "github.com: with your GITHUB_TOKEN."
    : "github.com: public repositories, 60 new look-ups an hour. GITHUB_TOKEN raises that to 5,000.";
  return [
    `Slipway is at ${config.origin}`,
    "",
    "Clouds",
    ...[...here, ...others].map((line) => `  ${line}`),
    "Repositories",
    `  ${github}`,
    ...examples.map((path) => `  ${config.origin}${path}`),
    "",
    `Data is in ${config.dataDir}. Stop with Ctrl-C: what is in hand is finished, the rest goes on at the next start.`,
  ].join("\n");
}
