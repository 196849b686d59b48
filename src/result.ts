import { z } from "zod";

/** What is wrong or worth knowing, where, and what to write instead: shown to the maintainer as it is. */
export const Note = z.object({
  file: z.string().meta({ description: "The file it is about, or empty" }),
  line: z.int().positive().nullable().meta({ description: "1-based" }),
  column: z.int().positive().nullable().meta({ description: "1-based, in UTF-16 units" }),
  path: z.string().meta({ description: "Where in the document, such as env.PORT.value" }),
  message: z.string(),
  fix: z.string().meta({ description: "What to write instead, or empty" }),
});
export type Note = z.infer<typeof Note>;

/** Foreign input either has a value or at least one problem; bugs are thrown. */
export type Result<T> = { ok: true; value: T } | { ok: false; problems: Note[] };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const problems = (...notes: Note[]): { ok: false; problems: Note[] } => ({ ok: false, problems: notes });

/** A note with what is not known left empty. */
export const note = (message: string, more: Partial<Omit<Note, "message">> = {}): Note => ({
  file: "",
  line: null,
  column: null,
  path: "",
  fix: "",
  ...more,
  message,
});
