import type { Plan } from "../plan.ts";
import type { Result } from "../result.ts";
import type { SetupRoute } from "./routes.ts";

/** The temporary credentials a visitor grants for their account: sealed while stored, deleted at the end. */
export type Access = Record<string, string>;

/** A form field whose value becomes part of the access. */
export interface AccessField {
  name: string;
  label: string;
  help: string;
  type: "text" | "password" | "textarea" | "choice";
  /** Of a choice. The first option is preselected unless `noDefault`. */
  options?: { value: string; label: string }[];
  noDefault?: boolean;
  defaultValue?: string;
  optional?: boolean;
}

/** What a visitor is asked once they are signed in to the cloud. */
export interface AccessQuestions {
  fields: AccessField[];
  /** Something that can be created first, such as a project, with the questions for it. */
  make?: { title: string; button: string; help: string; fields: AccessField[] };
}

/** Access by OAuth: the visitor consents at the cloud and comes back with a token. */
export interface OAuthAccess {
  /** Discovered with OpenID Connect; the two endpoints are for clouds without it. */
  issuer?: string;
  authorizationEndpoint?: string;
  tokenEndpoint?: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  authorizationParams?: Record<string, string>;
  /** What the cloud calls the account that people sign in with. */
  accountLabel: string;
  /** What the scope covers beyond our need, where the cloud offers no narrower one. */
  excessScope?: string;
  /** The permissions we ask for in the cloud's own terms, and why each is needed. */
  requestedAccess: { what: string; why: string }[];
  /** Asks the cloud what the visitor has to choose for this plan; without a plan, only where the app is. Throws an `OperationalError`. */
  loadQuestions(access: Access, plan?: Plan): Promise<AccessQuestions>;
  /** Creates what `AccessQuestions.make` offers, and returns the values to choose then. Throws an `OperationalError`. */
  createTarget?(access: Access, input: Record<string, string>): Promise<Result<Record<string, string>>>;
}

/** How a visitor grants access to their account at a cloud. */
export interface AccessMethod {
  kind: "none" | "token" | "oauth" | "role";
  /** One sentence for the configure page: what is granted, and for how long. */
  summary: string;
  /** Why no one can grant access on this server, and what would change that; absent when they can. */
  unavailableReason?: string;
  /** The page of this server where access is prepared, as a path; absent when the form asks for everything. */
  setupPath?: string;
  /** What that page and the documents beside it answer. */
  setup?: SetupRoute[];
  /** What the form asks. With `consent`, what is asked when the cloud cannot be asked for its questions. */
  fields?: AccessField[];
  /** The fields that locate the account: all that a removal asks, and only if the ledger does not have the first of them under its name. */
  locationFields?: string[];
  /** Of kind "oauth", when it is available. */
  consent?: OAuthAccess;
  /** The fields that are not secret and may be shown. */
  nonSecretFields?: string[];
  /** Returns the newly granted part of the access that replaces what has expired; null when nothing new was granted. */
  refresh?(input: Record<string, unknown>): Access | null;
  /** Reads a form or JSON body into access, or into what is wrong with it. */
  parse(input: Record<string, unknown>): Result<Access>;
}
