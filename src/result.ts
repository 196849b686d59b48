/** A problem or remark with its position and a fix, shown to the maintainer verbatim. */
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

/** The result of reading foreign input: a value or at least one problem. Bugs are thrown. */
export type Result<T> = { ok: true; value: T } | { ok: false; problems: Note[] };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const problems = (...notes: Note[]): { ok: false; problems: Note[] } => ({ ok: false, problems: notes });

/** Creates a note; unknown fields stay empty. */
export const note = (message: string, details: Partial<Omit<Note, "message">> = {}): Note => ({
  file: "",
  line: null,
  column: null,
  path: "",
  fix: "",
  ...details,
  message,
});
