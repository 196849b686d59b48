import type { ApiRequest, Condition, Conditional, Interpolation, Reference, Value } from "../stack.ts";
import type { ResolvedRequest } from "./api/client.ts";

/** Where what is known comes from. */
export interface Resolver {
  resolve(known: Reference): Promise<string>;
  test(when: Condition): Promise<boolean>;
}

const isLater = (value: object): value is Interpolation => Array.isArray((value as Interpolation).$);
const isPerhaps = (value: object): value is Conditional => "$when" in value;

/** The value with everything in it that is known by now; undefined where nothing stands. */
export async function resolveValue(value: Value | undefined, facts: Resolver): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const filled: unknown[] = [];
    for (const one of value) filled.push(await resolveValue(one, facts));
    return filled.filter((one) => one !== undefined);
  }
  if (isPerhaps(value)) return (await facts.test(value.$when)) ? resolveValue(value.value, facts) : undefined;
  if (isLater(value)) return join(value, facts);
  const filled: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) filled[key] = await resolveValue(one, facts);
  return filled;
}

async function join({ $, as }: Interpolation, facts: Resolver): Promise<string> {
  let text = "";
  for (const part of $) text += typeof part === "string" ? part : await facts.resolve(part);
  return as === "base64" ? Buffer.from(text).toString("base64") : text;
}

export async function resolveRequest(
  { api, method, params, body }: ApiRequest,
  facts: Resolver,
): Promise<ResolvedRequest> {
  return {
    api,
    method,
    params: (await resolveValue(params, facts)) as ResolvedRequest["params"],
    ...(body === undefined ? {} : { body: await resolveValue(body, facts) }),
  };
}
