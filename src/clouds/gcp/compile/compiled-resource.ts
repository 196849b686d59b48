import type { Resource } from "../../../app.ts";
import type { StackFragment } from "./context.ts";
import type { TextPart } from "./expressions.ts";

/** An output of a resource. A sensitive one may only appear in a secret. */
export interface Output {
  parts: TextPart[];
  sensitive?: boolean;
  /** The step that produces it. */
  dependsOn?: string;
}

/** A resource as part of the stack. */
export interface CompiledResource extends StackFragment {
  resource: Resource;
  outputs: Record<string, Output>;
  /** Of a database: its instance connection name, and the local port that the proxy listens on for it. */
  cloudSqlConnection?: { connection: TextPart; port: number };
  /** Of a bucket that the app reaches with an HMAC key: its name. */
  hmacBucket?: TextPart[];
}
