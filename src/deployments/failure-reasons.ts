import type { App } from "../app.ts";
import type { Cloud } from "../clouds/cloud.ts";
import type { Fault } from "../data/schema.ts";
import type { Failure } from "../plan.ts";

/** Why a deployment failed, as it is counted: nothing in it leads to whose it was. */
export interface FailureReason {
  /** What is the same in all failures of this kind. */
  reason: string;
  message: string;
  next: string;
  fault: Fault;
}

/** What a visitor is told when something was thrown that should not have been. */
export const internalErrorMessage = "Slipway itself failed here: this is our bug, not yours.";

const longest = { reason: 200, message: 1000, next: 500 };

// What is left in a cloud's words, when it is told to others, of whose account and machine it was.
const names: [RegExp, string][] = [
  [/\b(?:[\w-]+\.)+(?:internal|local|lan|localdomain|rds\.\S+)\b\S*/gi, "•••"],
  [/(?<![\w.])\/(?:home|Users|root|tmp|var|private|data|srv|opt|mnt)(?:\/[^\s"'<>:,;()]+)+/g, "/•••"],
  // Identifiers: long, and letters and digits mixed, perhaps behind a prefix such as `i-` or `slipway-hello-`.
  [/\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{12,}\b/gi, "•••"],
  [/\b[a-z2-7]{26}\b/g, "•••"],
  [/\b\d{6,}\b/g, "•••"],
];

const nameless = (text: string): string =>
  names.reduce((rest, [what, instead]) => rest.replace(what, instead), text.slice(0, 4000));

/** What all failures of a kind have in common: the first line, without numbers, and without what is quoted. */
const kindOf = (message: string): string =>
  (message.trim().split("\n")[0] ?? "")
    .toLowerCase()
    .replace(/"[^"]*"|'[^']*'|“[^”]*”|`[^`]*`/g, "…")
    .replace(/[\w.-]*\d[\w.-]*/g, "#")
    .replace(/\s+/g, " ")
    .slice(0, longest.reason);

/** `conceal` takes out who the visitor is, and what the visitor answered. */
export function classifyFailure(
  failure: Failure,
  {
    cloud,
    app,
    conceal,
  }: { cloud: Pick<Cloud, "runsAppCommand"> | undefined; app: App; conceal: (text: string) => string },
): FailureReason {
  const message = nameless(conceal(failure.message)).slice(0, longest.message);
  const fault = attributeFault(failure, cloud, app);
  const cure = fault === "app" ? cures.find(([words]) => words.test(failure.message))?.[1] : undefined;
  const next = cure ?? nameless(conceal(failure.next)).slice(0, longest.next);
  return { reason: kindOf(message), message, next, fault };
}

const starts =
  /health ?check|circuit breaker|essential container|did not stabilize|failed to start|did(?:n't| not) (?:start|listen|answer)|listen on the port|right after its start/i;
const commands =
  /exit(?:ed)? (?:with )?(?:code|status)|ended with|command failed|build failed|COMMAND_EXECUTION_ERROR/i;

/** What a maintainer changes, by what the app's own failures say. */
const cures: [RegExp, string][] = [
  [
    starts,
    'Listen on the port in PORT at 0.0.0.0, and answer the health check. Where and how soon is in the "cloud" object of app.json: `"health": { "path": "/", "grace": 120 }` of the service.',
  ],
  [
    /nothing says how to start/i,
    "Name the command that starts it: a line `web: <command>` in a Procfile, or `formation` in app.json.",
  ],
  [
    /folder to publish/i,
    'Name the folder that the build writes: `"build": { "publish": "dist" }` in the "cloud" object of app.json.',
  ],
  [
    commands,
    "A command of the manifest fails in a fresh checkout: the build, or a job such as `release`. Run it there; what it needs from outside belongs into `env` or `addons` of app.json.",
  ],
];

/** Returns whose fault a failure is: a failed command of the app is the app's, what was thrown is ours. */
export function attributeFault(
  { message, step }: Failure,
  cloud: Pick<Cloud, "runsAppCommand"> | undefined,
  app: App,
): Fault {
  if (message === internalErrorMessage) return "slipway";
  if (cloud?.runsAppCommand) return cloud.runsAppCommand(step, app) ? "app" : "cloud";
  // A step of the other clouds is the cloud's work as well: only its message can tell.
  return starts.test(message) || commands.test(message) ? "app" : "cloud";
}
