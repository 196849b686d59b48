// The stack on Google Cloud, which has no deployment engine that fits: a list of steps, each of which creates resources
// one after another. Plain JSON, stored with the deployment, so field names must not change. Values known only at run time
// are `{ $: [...] }` and never part of a text, so that no text of a manifest can be taken for one.

/** The APIs in use, with their versions: `run` is Google's discovery document `run:v2`. */
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

/** A value known only at run time: a fact of the account, an answer of the visitor, an output of a resource. */
export type Reference =
  /**
   * `number`: of the project. `id`: `shortId` of the deployment. `attempt`: the generation of this step's names, from 1, for
   * names that Google reserves after deletion. `network` and `subnet` are full names: `projects/P/global/networks/N`,
   * `projects/P/regions/R/subnetworks/S`.
   */
  | { is: "project" | "number" | "region" | "id" | "deployment" | "attempt" | "network" | "subnet" }
  /** An answer of the visitor, as plain text. An answer equal to the default `text` stands for `parts`. */
  | { answer: string; late?: { text: string; parts: (string | Reference)[] } }
  | { secret: string }
  /** An output of a resource, named in its `tells`. */
  | { told: [step: string, resource: string, field: string] }
  /** A secret read from Google when it is needed, by its path in the response; stored nowhere. */
  | { read: ApiRequest; at: string }
  /** A field of the key being created or deleted, see `HmacKey`: `secret`, or a path in its metadata. */
  | { key: string };

/** The parts joined to one text, optionally encoded. */
export interface Interpolation {
  $: (string | Reference)[];
  as?: "base64";
}
/** Whether an answer was given; whether services are made public in this way. */
export type Condition = { given: string } | { opening: PublicAccessMode };
/** The value if the condition holds; otherwise it is left out of its list or object. */
export interface Conditional {
  $when: Condition;
  value: Value;
}
export type Value = string | number | boolean | null | Interpolation | Conditional | Value[] | { [key: string]: Value };

/**
 * How services are made public: without an IAM check, or by granting the invoker role to `allUsers`. The first is used
 * unless the organization policy `run.managed.requireInvokerIam` forbids it.
 */
export type PublicAccessMode = "unchecked" | "granted";

/** A method as discovery documents name it, without its API: `projects.locations.services.create`. */
export interface ApiRequest {
  api: Api;
  method: string;
  /** Path and query parameters. */
  params: Record<string, Value>;
  body?: Value;
}

interface StackResource {
  /** Unique in its step. */
  id: string;
  /** Created only if this holds. */
  when?: Condition;
}

/** A resource with a name that we choose, by which it is created, read and deleted. */
export interface ManagedResource extends StackResource {
  kind: "thing";
  create: ApiRequest;
  find: ApiRequest;
  /** A request that makes it deletable, such as one that disables deletion protection. */
  loosen?: ApiRequest;
  /** Null if it is deleted together with its parent. */
  remove: ApiRequest | null;
  /** The path of its labels, such as `settings.userLabels`; null if it has none, so that its name alone shows the owner. */
  mark: string | null;
  /** Its outputs, by their paths in the response to `find`. */
  tells?: Record<string, string>;
}

/** A role of a member on a resource: the policy is read, changed and written with its etag, also to revoke the role. */
export interface IamMember extends StackResource {
  kind: "grant";
  read: ApiRequest;
  write: ApiRequest;
  role: string;
  member: Value;
}

/** An action that ends, such as a build or a job execution, and leaves nothing to delete. */
export interface Action extends StackResource {
  kind: "act";
  start: ApiRequest;
  tells?: Record<string, string>;
}

/**
 * A key with a name that Google chooses and a secret that it returns once. Its service account has no other key, so any key
 * listed before the creation is left over from a crash and deleted. The secret is stored right away.
 */
export interface HmacKey extends StackResource {
  kind: "key";
  list: ApiRequest;
  create: ApiRequest;
  /** The requests that store `{ key: "secret" }`. */
  keep: ApiRequest[];
  /** The requests that delete a listed key; `{ key: "accessId" }` is its field of that name. */
  remove: ApiRequest[];
  /** Its outputs, by their paths in the response to `create`. */
  tells: Record<string, string>;
}

export type Resource = ManagedResource | IamMember | Action | HmacKey;

/** An entry of the ledger and a line of the page. */
export interface Step {
  name: string;
  title: string;
  after: string[];
  resources: Resource[];
}

export interface Stack {
  steps: Step[];
  /** The URL of the app; null if it has no public service. */
  url: Value | null;
  /** The health check path. */
  health: string | null;
}

/** Steps without resources: `answer` is the last step of a plan whose stack has a `url`. */
export const builtInSteps = { answer: "answer" } as const;

/** Returns the start of a deployment's ID as it is used in names: a-z and 0-9. */
export const shortId = (deployment: string): string =>
  deployment
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 8);

/** The keys of the labels that mark a resource as owned by a deployment. */
export const ownerLabels = { by: "managed-by", deployment: "slipway-deployment" } as const;

/** Returns the ledger key of an output. */
export const outputKey = (resource: string, field: string) => `${resource}.${field}`;
