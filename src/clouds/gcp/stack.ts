import type { LedgerData } from "../cloud.ts";

// The stack on Google Cloud, which has no engine of its own that fits: a list of steps, each of which makes resources
// one after the other. Plain JSON. What is only known when it is carried out stands in it as `{ $: [...] }` and never
// inside a text, so that no text of a manifest can be taken for it.

/** The APIs that are used, with the version of each: `run` is described by Google's discovery document `run:v2`. */
export const apiVersions = {
  artifactregistry: "v1",
  cloudbilling: "v1",
  cloudbuild: "v1",
  cloudresourcemanager: "v3",
  cloudscheduler: "v1",
  compute: "v1",
  iam: "v1",
  logging: "v2",
  orgpolicy: "v2",
  redis: "v1",
  run: "v2",
  secretmanager: "v1",
  serviceusage: "v1",
  sqladmin: "v1beta4",
  storage: "v1",
} as const;
export type Api = keyof typeof apiVersions;

/** What is known when a deployment is carried out: of the account, of the visitor's answers, of what was made before. */
export type Reference =
  /**
   * `number`: the project's. `id`: `shortId` of the deployment. `attempt`: how often this step was begun anew, from 1,
   * for names that Google does not give twice. `network` and `subnet` are whole names: `projects/P/global/networks/N`,
   * `projects/P/regions/R/subnetworks/S`.
   */
  | { is: "project" | "number" | "region" | "id" | "deployment" | "attempt" | "network" | "subnet" }
  /** What was answered. An answer is plain text; one that is the default `text` as it stands means `parts`. */
  | { answer: string; late?: { text: string; parts: (string | Reference)[] } }
  | { secret: string }
  /** What a resource told, by the names in its `tells`. */
  | { told: [step: string, resource: string, field: string] }
  /** A secret that Google tells whenever it is asked, by its path in the answer: used at once and kept nowhere. */
  | { read: ApiRequest; at: string }
  /** Of the key in hand, see `Key`: `secret`, or a path in what is listed of it. */
  | { key: string };

/** The parts joined to one text; `as` says how it is written where it stands. */
export interface Interpolation {
  $: (string | Reference)[];
  as?: "base64";
}
/** That an answer was given at all; that services are opened to everybody in this way. */
export type Condition = { given: string } | { opening: PublicAccessMode };
/** The value, or nothing at all in the list or the object it stands in. */
export interface Conditional {
  $when: Condition;
  value: Value;
}
export type Value = string | number | boolean | null | Interpolation | Conditional | Value[] | { [key: string]: Value };

/**
 * How everybody gets in: Cloud Run asks IAM for nobody, or all users are granted the right to come in. The first is what
 * is done unless the organisation's policy `run.managed.requireInvokerIam` forbids it.
 */
export type PublicAccessMode = "unchecked" | "granted";

/** A method as discovery documents name it, without its API: `projects.locations.services.create`. */
export interface ApiRequest {
  api: Api;
  method: string;
  /** What stands in the path and the query. */
  params: Record<string, Value>;
  body?: Value;
}

interface Made {
  /** Unique in its step. */
  id: string;
  /** Only then it is made at all. */
  when?: Condition;
}

/** Something with a name that we choose: created, found again by that name, taken away by it. */
export interface ManagedResource extends Made {
  kind: "thing";
  create: ApiRequest;
  find: ApiRequest;
  /** What has to be done to it before it lets itself be taken away. */
  loosen?: ApiRequest;
  /** null: it goes with what it belongs to. */
  remove: ApiRequest | null;
  /** Where it says that it is ours, such as `labels` or `settings.userLabels`; null: its name alone does. */
  mark: string | null;
  /** What others need to know of it, by its path in the answer to `find`. */
  tells?: Record<string, string>;
}

/** A role for somebody on something: the policy is read, changed and set with its etag, and taken back the same way. */
export interface IamMember extends Made {
  kind: "grant";
  read: ApiRequest;
  write: ApiRequest;
  role: string;
  member: Value;
}

/** Something that is done and ends, such as a build or an execution of a job. Nothing is left of it to take away. */
export interface Action extends Made {
  kind: "act";
  start: ApiRequest;
  tells?: Record<string, string>;
}

/**
 * A key with a name that Google chooses and a secret that it tells once. Whoever holds it has no other: what is listed
 * when it is about to be made is what a crash left, and goes first. The secret goes straight to where it is kept.
 */
export interface HmacKey extends Made {
  kind: "key";
  list: ApiRequest;
  create: ApiRequest;
  /** Each writes `{ key: "secret" }` somewhere. */
  keep: ApiRequest[];
  /** Takes one away that is listed: `{ key: "accessId" }` is its field of that name. */
  remove: ApiRequest[];
  /** By its path in the answer to `create`. */
  tells: Record<string, string>;
}

export type Resource = ManagedResource | IamMember | Action | HmacKey;

/** A line of the ledger and of the page. */
export interface Step {
  name: string;
  title: string;
  after: string[];
  resources: Resource[];
}

export interface Stack {
  steps: Step[];
  /** Where the app answers; null: nothing of it is public. */
  url: Value | null;
  /** A path that says that all is well. */
  health: string | null;
}

/** Steps that are not made of resources: `answer` is the last of a plan whose stack has a `url`. */
export const builtInSteps = { answer: "answer" } as const;

/** The beginning of a deployment's id as it stands in names: a-z and 0-9. */
export const shortId = (deployment: string): string =>
  deployment
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 8);

/** What marks a thing as this deployment's, whatever its name: the keys of its labels. */
export const ownerLabels = { by: "managed-by", deployment: "slipway-deployment" } as const;

/** Under which key a step's ledger keeps what one of its resources told. */
export const outputKey = (resource: string, field: string) => `${resource}.${field}`;
export type Told = LedgerData;
