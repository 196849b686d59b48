import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Returns the folder of real manifests, `SLIPWAY_CORPUS` or `shared/corpus` beside the project; null if absent. */
export function corpusFolder(): string | null {
  const configured = process.env.SLIPWAY_CORPUS;
  if (configured) return configured;
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, "shared", "corpus");
    if (existsSync(candidate)) return candidate;
  }
  return null;
}

export const corpus = corpusFolder();

/** Returns the files of one kind, with names and texts. */
export const samples = (kind: string): { name: string; text: string }[] =>
  corpus === null
    ? []
    : readdirSync(join(corpus, kind)).map((name) => ({ name, text: readFileSync(join(corpus, kind, name), "utf8") }));
