import type { Known, Later, Value } from "../stack.ts";

/** A piece of a text: what it says, or what will be known. Nothing in a string is ever taken for the latter. */
export type Part = string | Known;

export const project: Known = { is: "project" };
export const number: Known = { is: "number" };
export const region: Known = { is: "region" };
export const id: Known = { is: "id" };

export const told = (step: string, resource: string, field: string): Known => ({ told: [step, resource, field] });

/** The parts as one text; a plain string when all of it is known now. */
export function text(...parts: Part[]): string | Later {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  return joined.every((part) => typeof part === "string") ? joined.join("") : { $: joined };
}

/** The same, as Google takes bytes. */
export const bytes = (...parts: Part[]): Later => {
  const whole = text(...parts);
  return { $: typeof whole === "string" ? [whole] : whole.$, as: "base64" };
};

/** What stands in front of the names of everything in a project and region. */
export const place: Part[] = ["projects/", project, "/locations/", region];

export type Fields = { [key: string]: Value };
