import type { Interpolation, Reference, Value } from "../stack.ts";

/** A part of a text: literal text, or a reference that is resolved at run time. A string is never parsed for references. */
export type TextPart = string | Reference;

export const project: Reference = { is: "project" };
export const projectNumber: Reference = { is: "number" };
export const region: Reference = { is: "region" };
export const shortIdRef: Reference = { is: "id" };

export const outputRef = (step: string, resource: string, field: string): Reference => ({
  told: [step, resource, field],
});

/** Joins the parts; returns a plain string if there are no references. */
export function concat(...parts: TextPart[]): string | Interpolation {
  const merged: TextPart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string") merged[merged.length - 1] = last + part;
    else if (part !== "") merged.push(part);
  }
  return merged.every((part) => typeof part === "string") ? merged.join("") : { $: merged };
}

/** Joins the parts and encodes them in base64, as Google expects bytes. */
export const base64 = (...parts: TextPart[]): Interpolation => {
  const joined = concat(...parts);
  return { $: typeof joined === "string" ? [joined] : joined.$, as: "base64" };
};

/** The prefix of the full names of regional resources. */
export const locationPath: TextPart[] = ["projects/", project, "/locations/", region];

export type JsonObject = { [key: string]: Value };
