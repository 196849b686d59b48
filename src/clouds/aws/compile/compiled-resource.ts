import type { Resource } from "../../../app.ts";
import type { Value } from "../cloudformation.ts";
import type { TemplateFragment } from "./context.ts";
import type { Statement } from "./resources/iam-roles.ts";

/** A value that a resource provides to the app. A sensitive one may only appear in a secret. */
export interface Output {
  value: Value;
  sensitive?: boolean;
  /** The secret, and the key in it, that holds the value already. */
  secretRef?: { id: string; key: string };
}

/** A resource of the app as part of the template. */
export interface CompiledResource extends TemplateFragment {
  resource: Resource;
  attributes: Record<string, Output>;
  /** What the task role may do with it. */
  taskStatements?: Statement[];
}
