import type { ApiRequest, Condition, Conditional, Interpolation, Reference, Value } from "../stack.ts";
import type { ResolvedRequest } from "./api/client.ts";

/** Resolves references and conditions at run time. */
export interface Resolver {
  resolve(reference: Reference): Promise<string>;
  test(when: Condition): Promise<boolean>;
}

const isInterpolation = (value: object): value is Interpolation => Array.isArray((value as Interpolation).$);
const isConditional = (value: object): value is Conditional => "$when" in value;

/** Resolves every reference in a value; undefined if its condition is false. */
export async function resolveValue(value: Value | undefined, resolver: Resolver): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const resolved: unknown[] = [];
    for (const item of value) resolved.push(await resolveValue(item, resolver));
    return resolved.filter((item) => item !== undefined);
  }
  if (isConditional(value)) return (await resolver.test(value.$when)) ? resolveValue(value.value, resolver) : undefined;
  if (isInterpolation(value)) return join(value, resolver);
  const resolved: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(value)) resolved[key] = await resolveValue(child, resolver);
  return resolved;
}

async function join({ $, as }: Interpolation, resolver: Resolver): Promise<string> {
  let text = "";
  for (const part of $) text += typeof part === "string" ? part : await resolver.resolve(part);
  return as === "base64" ? Buffer.from(text).toString("base64") : text;
}

export async function resolveRequest(
  { api, method, params, body }: ApiRequest,
  resolver: Resolver,
): Promise<ResolvedRequest> {
  return {
    api,
    method,
    params: (await resolveValue(params, resolver)) as ResolvedRequest["params"],
    ...(body === undefined ? {} : { body: await resolveValue(body, resolver) }),
  };
}
