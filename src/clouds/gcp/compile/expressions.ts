import type { Interpolation, Reference, Value } from "../stack.ts";

/** A piece of a text: what it says, or what will be known. Nothing in a string is ever taken for the latter. */
export type TextPart = string | Reference;

export const project: Reference = { is: "project" };
export const projectNumber: Reference = { is: "number" };
export const region: Reference = { is: "region" };
export const shortIdRef: Reference = { is: "id" };

export const outputRef = (step: string, resource: string, field: string): Reference => ({
  told: [step, resource, field],
});

/** The parts as one text; a plain string when all of it is known now. */
export function concat(...parts: TextPart[]): string | Interpolation {
  const joined: TextPart[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  return joined.every((part) => typeof part === "string") ? joined.join("") : { $: joined };
}

/** The same, as Google takes bytes. */
export const base64 = (...parts: TextPart[]): Interpolation => {
  const whole = concat(...parts);
  return { $: typeof whole === "string" ? [whole] : whole.$, as: "base64" };
};

/** What stands in front of the names of everything in a project and region. */
export const locationPath: TextPart[] = ["projects/", project, "/locations/", region];

export type JsonObject = { [key: string]: Value };
