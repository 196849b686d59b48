import type { Property, Value } from "../cloudformation.ts";

export const ref = (id: string): Property => ({ Ref: id });
export const getAtt = (id: string, attribute: string): Property => ({ "Fn::GetAtt": [id, attribute] });
export const fnIf = (condition: string, then: Value, otherwise: Value): Property => ({
  "Fn::If": [condition, then, otherwise],
});
export const noValue = ref("AWS::NoValue");

/** Fills `${...}`. Only for our own text: values from a manifest go through `literal` or `fnJoin`. */
export const sub = (text: string): Property => ({ "Fn::Sub": text });

/**
 * Returns text verbatim. CloudFormation replaces `${...}` only in Fn::Sub; splitting it keeps linters from reporting a
 * missing Fn::Sub.
 */
export const literal = (text: string): Value => fnJoin([text]);

/** Concatenates text and values. */
export function fnJoin(parts: Value[]): Value {
  const segments = parts.flatMap((part): Value[] => (typeof part === "string" ? part.split(/(?<=\$)(?=\{)/) : [part]));
  const nonEmpty = segments.filter((segment) => segment !== "");
  if (nonEmpty.length > 1) return { "Fn::Join": ["", nonEmpty] };
  return nonEmpty[0] ?? "";
}

/** A secret's value, which CloudFormation resolves when it creates the resource and never shows. */
export const secretValue = (id: string, key: string): Property =>
  sub(`{{resolve:secretsmanager:\${${id}}:SecretString:${key}}}`);

/** The GUID in the stack's id, which no one outside the account knows. */
export const stackGuid: Property = { "Fn::Select": [2, { "Fn::Split": ["/", ref("AWS::StackId")] }] };
