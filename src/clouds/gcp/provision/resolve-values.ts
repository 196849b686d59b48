import type { Known, Later, Perhaps, Request, Value, When } from "../stack.ts";
import type { Answer, Ready } from "./api/client.ts";

/** Where what is known comes from. */
export interface Facts {
  of(known: Known): Promise<string>;
  holds(when: When): Promise<boolean>;
}

const isLater = (value: object): value is Later => Array.isArray((value as Later).$);
const isPerhaps = (value: object): value is Perhaps => "$when" in value;

/** The value with everything in it that is known by now; undefined where nothing stands. */
export async function fill(value: Value | undefined, facts: Facts): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const filled: unknown[] = [];
    for (const one of value) filled.push(await fill(one, facts));
    return filled.filter((one) => one !== undefined);
  }
  if (isPerhaps(value)) return (await facts.holds(value.$when)) ? fill(value.value, facts) : undefined;
  if (isLater(value)) return join(value, facts);
  const filled: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) filled[key] = await fill(one, facts);
  return filled;
}

async function join({ $, as }: Later, facts: Facts): Promise<string> {
  let text = "";
  for (const part of $) text += typeof part === "string" ? part : await facts.of(part);
  return as === "base64" ? Buffer.from(text).toString("base64") : text;
}

export async function ready({ api, method, params, body }: Request, facts: Facts): Promise<Ready> {
  return {
    api,
    method,
    params: (await fill(params, facts)) as Ready["params"],
    ...(body === undefined ? {} : { body: await fill(body, facts) }),
  };
}

/** What an answer holds at `a.b.c`; null where it holds nothing. */
export function pick(answer: unknown, path: string): unknown {
  let here: unknown = answer;
  for (const part of path.split(".")) here = typeof here === "object" && here !== null ? (here as Answer)[part] : null;
  return here ?? null;
}

export const textAt = (answer: unknown, path: string): string => `${pick(answer, path) ?? ""}`;
