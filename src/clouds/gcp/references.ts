import type { Interpolation, Reference } from "./stack.ts";

/** Finds all references in a value, including nested ones. */
export function* findReferences(value: unknown): Generator<Reference> {
  if (typeof value !== "object" || value === null) return;
  const { $: parts } = value as Partial<Interpolation>;
  if (Array.isArray(parts))
    for (const part of parts) if (typeof part !== "string") yield* [part, ...nestedReferences(part)];
  if (parts === undefined) for (const child of Object.values(value)) yield* findReferences(child);
}

function* nestedReferences(reference: Reference): Generator<Reference> {
  if ("answer" in reference) yield* findReferences({ $: reference.late?.parts ?? [] });
  if ("read" in reference) yield* findReferences(reference.read);
}
