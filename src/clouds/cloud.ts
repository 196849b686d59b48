import type { Mark } from "../../badges/logos.ts";
import type { App, Variable } from "../app.ts";
import type { Choice, Failure, Plan, Remark, StepState } from "../plan.ts";
import type { Note } from "../result.ts";
import type { Access, AccessMethod } from "./access-method.ts";
import type { PlanLocation, PlanRoute } from "./routes.ts";

export type {
  Access,
  AccessField,
  AccessMethod,
  AccessQuestions,
  OAuthAccess,
} from "./access-method.ts";

export interface Region {
  id: string;
  name: string;
}

/** What a crash must not lose: a port, an id, how far a log was read. Never a secret. */
export type LedgerData = { [key: string]: string | number | boolean | null };

export interface LedgerStep {
  name: string;
  state: StepState;
  data: LedgerData;
}

/**
 * Something a deployment says. The consumer of the generator stores each event before it asks for the next one, so code
 * after a `yield` runs only once the event is durable: yield a step as `running`, with the name or port it will have,
 * before its request leaves.
 */
export type DeploymentEvent =
  | { type: "step"; name: string; state: StepState; message?: string; data?: LedgerData }
  | { type: "log"; step: string; lines: string[]; data?: LedgerData }
  | { type: "state"; state: "succeeded"; url: string | null }
  | { type: "state"; state: "failed"; error: Failure }
  | { type: "state"; state: "removed" };

/** One deployment, as a cloud sees it. */
export interface Run {
  id: string;
  app: App;
  plan: Plan;
  access: Access;
  /** Every variable of the app with its value: answers, defaults, generated secrets. */
  env: Record<string, string>;
  /** What earlier events left behind, of this process or of one that crashed; in the order the steps began. */
  ledger: ReadonlyMap<string, LedgerStep>;
  /** Writes the app's files at the pinned commit into an empty folder. Throws an `OperationalError` when they cannot be fetched. */
  fetchSource(into: string, signal: AbortSignal): Promise<void>;
  /** Returns a secret of this deployment, 40 letters and digits: the same for the same name, in every process. */
  deriveSecret(name: string): string;
  /** Aborted when the visitor stops the deployment: leave what is running, the ledger will be removed. */
  signal: AbortSignal;
  /** Aborted when the server shuts down: finish the running steps, begin no other, and return without a state. */
  drainSignal: AbortSignal;
}

/** The cloud, or another service we depend on, refused: ends in a `failed` event. Anything else thrown is our bug. */
export class OperationalError extends Error {
  override name = "OperationalError";
  next: string;
  /** Access expired or was revoked: with new access the deployment continues. */
  lapsed: boolean;
  constructor(message: string, next: string, { lapsed = false, ...options }: ErrorOptions & { lapsed?: boolean } = {}) {
    super(message, options);
    this.next = next;
    this.lapsed = lapsed;
  }
}

export const toFailure = ({ message, next, lapsed }: OperationalError, step = ""): Failure => ({
  message,
  next,
  step,
  ...(lapsed ? { lapsed } : {}),
});

/** How to carry out the same plan without granting us access. */
export interface ManualInstructions {
  /** The command line, with `...` in place of every answer. */
  command: string;
  /** Where to run it, as the beginning of a sentence: "In Cloud Shell". */
  where: string;
  /** A document to read first or to use in another way: its path here, and a name for the file. */
  document: { label: string; path: string; file: string };
  /** The cloud's own console with everything filled in, as a path here; null if the cloud has none. */
  console: { label: string; path: string } | null;
}

/** How the pages speak of a cloud and what happens there. */
export interface CloudWords {
  /** The name inside a sentence: "this machine". */
  inSentence: string;
  /** Its page in the repository's documentation. */
  docs: string;
  /** Whether the vendor sends a bill for what runs there. */
  billed: boolean;
  /** Says what a failed deployment keeps until it is retried. */
  keptAfterFailure: string;
}

export interface Cloud {
  id: string;
  name: string;
  /** Its drawing, and its name as people call it: "AWS". */
  mark: Mark;
  words: CloudWords;
  regions: Region[];
  /** What this cloud cannot do for the app, or does only approximately. Pure. */
  support(app: App): Remark[];
  /** The variables a visitor is asked for: the app's own, and those of resources this cloud has no service for. Pure. */
  variables(app: App): Variable[];
  /** The stack for this app here, as JSON that survives storage, with a price on every line. Pure. */
  compile(app: App, choice: Choice): Plan;
  connect: AccessMethod;
  /** What a person runs without granting us access. */
  instructions?(app: App, plan: Plan, at: PlanLocation): Promise<ManualInstructions>;
  /** What those instructions link to: scripts, commands, the cloud's own console. */
  exports?: PlanRoute[];
  /** Finds problems before anything is created: permissions, quotas, names, billing. */
  preflight(plan: Plan, access: Access): Promise<Note[]>;
  /** Whether a step of this name runs a command of the app, so that its failure is the app's; otherwise only the cloud's words can tell. */
  runsAppCommand?(step: string, app: App): boolean;
  /** Carries the plan out and yields what happens. Called again after a crash with the same ledger, it continues: nothing is created twice. */
  provision(run: Run): AsyncIterable<DeploymentEvent>;
  /** Deletes everything in the ledger, in reverse order. Safe to call twice. */
  remove(run: Run): AsyncIterable<DeploymentEvent>;
}
