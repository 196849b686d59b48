import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of real manifests, when this machine has one: `SLIPWAY_CORPUS`, or `shared/corpus` beside the project. */
export function corpusFolder(): string | null {
  const named = process.env.SLIPWAY_CORPUS;
  if (named) return named;
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, "shared", "corpus");
    if (existsSync(found)) return found;
  }
  return null;
}

export const corpus = corpusFolder();

/** The files of one kind: their names and their text. */
export const samples = (kind: string): { name: string; text: string }[] =>
  corpus === null
    ? []
    : readdirSync(join(corpus, kind)).map((name) => ({ name, text: readFileSync(join(corpus, kind, name), "utf8") }));
