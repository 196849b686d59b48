import type { App } from "../app.ts";
import type { Cloud } from "../clouds/cloud.ts";
import type { Fault } from "../data/schema.ts";
import type { Failure } from "../plan.ts";

/** Why a deployment failed, as counted in the stats: anonymous. */
export interface FailureReason {
  /** The key that failures of the same kind share. */
  reason: string;
  message: string;
  next: string;
  fault: Fault;
}

/** Shown to the visitor when our own code threw. */
export const internalErrorMessage = "Slipway itself failed here: this is our bug, not yours.";

const maxLength = { reason: 200, message: 1000, next: 500 };

// Traces of an account or machine that `conceal` leaves in a cloud's message.
const accountTraces: [RegExp, string][] = [
  [/\b(?:[\w-]+\.)+(?:internal|local|lan|localdomain|rds\.\S+)\b\S*/gi, "•••"],
  [/(?<![\w.])\/(?:home|Users|root|tmp|var|private|data|srv|opt|mnt)(?:\/[^\s"'<>:,;()]+)+/g, "/•••"],
  // Identifiers: long, with letters and digits, possibly with a prefix such as `i-` or `slipway-hello-`.
  [/\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{12,}\b/gi, "•••"],
  [/\b[a-z2-7]{26}\b/g, "•••"],
  [/\b\d{6,}\b/g, "•••"],
];

const redact = (text: string): string =>
  accountTraces.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text.slice(0, 4000));

/** Returns the message's first line without numbers and quoted text, so that similar failures share a key. */
const toReason = (message: string): string =>
  (message.trim().split("\n")[0] ?? "")
    .toLowerCase()
    .replace(/"[^"]*"|'[^']*'|“[^”]*”|`[^`]*`/g, "…")
    .replace(/[\w.-]*\d[\w.-]*/g, "#")
    .replace(/\s+/g, " ")
    .slice(0, maxLength.reason);

/** Classifies a failure for the stats. `conceal` removes the visitor's identity and answers. */
export function classifyFailure(
  failure: Failure,
  {
    cloud,
    app,
    conceal,
  }: { cloud: Pick<Cloud, "runsAppCommand"> | undefined; app: App; conceal: (text: string) => string },
): FailureReason {
  const message = redact(conceal(failure.message)).slice(0, maxLength.message);
  const fault = attributeFault(failure, cloud, app);
  const remedy = fault === "app" ? remedies.find(([pattern]) => pattern.test(failure.message))?.[1] : undefined;
  const next = remedy ?? redact(conceal(failure.next)).slice(0, maxLength.next);
  return { reason: toReason(message), message, next, fault };
}

const startFailures =
  /health ?check|circuit breaker|essential container|did not stabilize|failed to start|did(?:n't| not) (?:start|listen|answer)|listen on the port|right after its start/i;
const commandFailures =
  /exit(?:ed)? (?:with )?(?:code|status)|ended with|command failed|build failed|COMMAND_EXECUTION_ERROR/i;

/** What a maintainer can change, by the app's error message. */
const remedies: [RegExp, string][] = [
  [
    /not on the port in the variable PORT|which another program uses/,
    "Listen on the port in the variable PORT instead of a fixed one.",
  ],
  [
    /ended with code \d+ right after its start/,
    "The app crashes when it starts from a fresh checkout, with the error above. What it needs from outside belongs into `env` or `addons` of app.json.",
  ],
  [
    /registry has no such package/,
    "A dependency does not exist in its registry. Correct its name or version, and commit the lockfile.",
  ],
  [
    startFailures,
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
    commandFailures,
    "A command of the manifest fails in a fresh checkout: the build, or a job such as `release`. Run it there; what it needs from outside belongs into `env` or `addons` of app.json.",
  ],
];

/** Reasons why a command of the app fails that the app cannot change. */
const environmentFailures =
  /the disk is full|out of memory|could not be reached|registry refused the request|on the PATH|not installed|another program has taken/;

/** Returns whose fault a failure is: a failed command of the app is the app's, what was thrown is ours. */
export function attributeFault(
  { message, step }: Failure,
  cloud: Pick<Cloud, "runsAppCommand"> | undefined,
  app: App,
): Fault {
  if (message === internalErrorMessage) return "slipway";
  const [firstLine = ""] = message.split("\n");
  if (cloud?.runsAppCommand)
    return cloud.runsAppCommand(step, app) && !environmentFailures.test(firstLine) ? "app" : "cloud";
  // A step of the other clouds is the cloud's work as well: only its message can tell.
  return startFailures.test(message) || commandFailures.test(message) ? "app" : "cloud";
}
