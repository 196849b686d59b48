/** What is wrong or worth knowing, where, and what to write instead: shown to the maintainer as it is. */
export interface Note {
  /** The file it is about, or empty. */
  file: string;
  /** From 1. */
  line: number | null;
  /** From 1, in UTF-16 units. */
  column: number | null;
  /** Where in the document, such as `env.PORT.value`. */
  path: string;
  message: string;
  /** What to write instead, or empty. */
  fix: string;
}

/** Foreign input either has a value or at least one problem; bugs are thrown. */
export type Result<T> = { ok: true; value: T } | { ok: false; problems: Note[] };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const problems = (...notes: Note[]): { ok: false; problems: Note[] } => ({ ok: false, problems: notes });

/** A note with what is not known left empty. */
export const note = (message: string, details: Partial<Omit<Note, "message">> = {}): Note => ({
  file: "",
  line: null,
  column: null,
  path: "",
  fix: "",
  ...details,
  message,
});
