import type { Property, Value } from "../cloudformation.ts";

export const ref = (id: string): Property => ({ Ref: id });
export const getAtt = (id: string, attribute: string): Property => ({ "Fn::GetAtt": [id, attribute] });
export const fnIf = (condition: string, then: Value, otherwise: Value): Property => ({
  "Fn::If": [condition, then, otherwise],
});
export const noValue = ref("AWS::NoValue");

/** Fills `${...}`. Only ever for text of ours: what a manifest says goes through `literal` or `joined`. */
export const sub = (text: string): Property => ({ "Fn::Sub": text });

/**
 * A text that stands for itself. CloudFormation replaces `${...}` only in Fn::Sub; it is cut in two here so that
 * nobody, and no linter, takes it for one that was forgotten.
 */
export const literal = (text: string): Value => fnJoin([text]);

/** Texts and values one after the other. */
export function fnJoin(parts: Value[]): Value {
  const segments = parts.flatMap((part): Value[] => (typeof part === "string" ? part.split(/(?<=\$)(?=\{)/) : [part]));
  const nonEmpty = segments.filter((segment) => segment !== "");
  if (nonEmpty.length > 1) return { "Fn::Join": ["", nonEmpty] };
  return nonEmpty[0] ?? "";
}

/** A secret's value, put in by CloudFormation when it makes the resource, and never shown. */
export const secretValue = (id: string, key: string): Property =>
  sub(`{{resolve:secretsmanager:\${${id}}:SecretString:${key}}}`);

/** The part of the stack's own id that nobody outside the account knows. */
export const stackGuid: Property = { "Fn::Select": [2, { "Fn::Split": ["/", ref("AWS::StackId")] }] };
