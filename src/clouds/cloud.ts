import type { App, Variable } from "../app.ts";
import type { Choice, Failure, Plan, Remark, StepState } from "../plan.ts";
import type { Note, Result } from "../result.ts";

export interface Region {
  id: string;
  name: string;
}

/** What a visitor lends us to reach their account: short-lived, kept sealed, wiped at the end. */
export type Access = Record<string, string>;

/** A question whose answer is part of the access. */
export interface AccessField {
  name: string;
  label: string;
  help: string;
  type: "text" | "password" | "textarea" | "choice";
  /** Of a choice; the first is what it is when nothing is chosen, unless it is `open`. */
  options?: { value: string; label: string }[];
  noDefault?: boolean;
  /** What stands in it at first. */
  defaultValue?: string;
  /** It may be left empty. */
  optional?: boolean;
}

/** What somebody who gave their consent is asked: looked up with it. */
export interface AccessQuestions {
  fields: AccessField[];
  /** Something that can be made first, such as a project: what is asked for that. */
  make?: { title: string; button: string; help: string; fields: AccessField[] };
}

/** Access by OAuth: the visitor is asked elsewhere whether they lend it, and comes back with a token. */
export interface OAuthAccess {
  /** Found with OpenID Connect; the two endpoints where there is none. */
  issuer?: string;
  authorizationEndpoint?: string;
  tokenEndpoint?: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  authorizationParams?: Record<string, string>;
  /** What the cloud calls the account that somebody signs in with. */
  accountLabel: string;
  /** What more than needed is lent, because the cloud lends no less; absent: nothing. */
  excessScope?: string;
  /** What is lent, in the cloud's own terms, and why it is needed. */
  requestedAccess: { what: string; why: string }[];
  /** What has to be chosen there, for this plan; without one, only where in the account something is. Throws a `Refusal`. */
  loadQuestions(access: Access, plan?: Plan): Promise<AccessQuestions>;
  /** Makes what `asks` offered to make, and gives what to choose then. Throws a `Refusal`. */
  createTarget?(access: Access, input: Record<string, string>): Promise<Result<Record<string, string>>>;
}

export interface AccessMethod {
  kind: "none" | "token" | "oauth" | "role";
  /** One sentence for the configure page: what is lent, for how long. */
  summary: string;
  /** Why nobody can lend access here, and what would change that; absent when they can. */
  unavailableReason?: string;
  /** Where on this Slipway access is made ready to be lent, as a path; absent when the form asks for all there is. */
  setupPath?: string;
  /** What the form asks; nothing when there is nothing to lend, or it is lent elsewhere. With `consent`, what is asked when nothing can be looked up. */
  fields?: AccessField[];
  /** Which of these say where in the account it is: all that a removal asks, and only when it is not known. */
  locationFields?: string[];
  /** Of kind "oauth", while it is open. */
  consent?: OAuthAccess;
  /** What of the access is no secret, and may be said as it is. */
  nonSecretFields?: string[];
  /** What of access that was lent anew takes the place of what has lapsed; null: there is nothing new. */
  refresh?(input: Record<string, unknown>): Access | null;
  /** What the form or the JSON body gave, as access, or what is wrong with it. */
  parse(input: Record<string, unknown>): Result<Access>;
}

/** What is needed to find a thing again after a crash: a port, an id, how far a log was read. Never a secret. */
export type LedgerData = { [key: string]: string | number | boolean | null };

/** A line of the ledger. */
export interface LedgerStep {
  name: string;
  state: StepState;
  data: LedgerData;
}

/**
 * Something a deployment says. Whoever consumes the generator writes an event down before asking for the next one,
 * so what follows a `yield` only happens once what was yielded is durable: yield a step as `running`, with the name
 * or port it will have, before its request leaves.
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
  /** What earlier events, of this process or of one that died, left behind; in the order the steps began. */
  ledger: ReadonlyMap<string, LedgerStep>;
  /** Writes the app's files at the pinned commit into an empty folder. Throws a `Refusal` when they cannot be had. */
  fetchSource(into: string, signal: AbortSignal): Promise<void>;
  /** A secret of this deployment, 40 letters and digits: the same for the same name, in every process. */
  deriveSecret(name: string): string;
  /** Aborted when the visitor wants to stop: leave what is in hand, the ledger will be removed. */
  signal: AbortSignal;
  /** Aborted when the server wants to stop: finish the steps in hand, begin no other, and return without a state. */
  drainSignal: AbortSignal;
}

/** The cloud, or whoever we depend on, said no: ends in a `failed` event. Anything else thrown is our bug. */
export class OperationalError extends Error {
  override name = "Refusal";
  next: string;
  /** What was lent has run out or was taken back: lent anew, it goes on from here. */
  lapsed: boolean;
  constructor(message: string, next: string, { lapsed = false, ...options }: ErrorOptions & { lapsed?: boolean } = {}) {
    super(message, options);
    this.next = next;
    this.lapsed = lapsed;
  }
}

/** As a deployment tells it. */
export const toFailure = ({ message, next, lapsed }: OperationalError, step = ""): Failure => ({
  message,
  next,
  step,
  ...(lapsed ? { lapsed } : {}),
});

/** The same plan without us: what there is to read, and what to type. */
export interface ManualInstructions {
  /** What to type, with `...` in place of what is asked. */
  command: string;
  /** Where it is typed, as the beginning of a sentence: "In Cloud Shell". */
  where: string;
  /** To be read first, or used in another way: as a path, and the name it is stored under. */
  document: { label: string; path: string; file: string };
  /** The cloud's own console with everything filled in, as a path; null: there is no such thing. */
  console: { label: string; path: string } | null;
  /** The text of the document where that is not the stack itself. */
  script?(): string;
}

export interface Cloud {
  id: string;
  name: string;
  regions: Region[];
  /** What this cloud cannot do for the app, or does only approximately. */
  support(app: App): Remark[];
  /** What a visitor is asked for it here: the app's variables, and those of resources that this cloud has nothing for. Pure. */
  variables(app: App): Variable[];
  /** The stack for this app here, as JSON that survives storage, with a price on every line. Pure. */
  compile(app: App, choice: Choice): Plan;
  connect: AccessMethod;
  /** What somebody does who lends us nothing; `path` and `query` are those of the plan's page. */
  instructions?(app: App, plan: Plan, at: { path: string; query: string }): Promise<ManualInstructions>;
  /** Problems to find before anything is created: permissions, quotas, names, billing. */
  preflight(plan: Plan, access: Access): Promise<Note[]>;
  /** Carries the plan out and says what it does. Called again after a crash with the same ledger, it goes on: nothing is created twice. */
  provision(run: Run): AsyncIterable<DeploymentEvent>;
  /** Takes everything in the ledger away again, in reverse. Safe to call twice. */
  remove(run: Run): AsyncIterable<DeploymentEvent>;
}
