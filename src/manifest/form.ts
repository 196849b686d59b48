import type { App, Build, Job, Resource, Service, Variable } from "../app.ts";
import type { Note } from "../result.ts";

/** The files of one app's folder: all their paths, and the text of those that were read. */
export interface Files {
  /** Relative to the app's folder. */
  list: readonly string[];
  /** null: it is no text, or larger than 5 MB. */
  text: ReadonlyMap<string, string | null>;
}

/** What one file says of the app. What it says nothing about is absent, and another file may fill it. */
export interface Part extends Partial<Pick<App, "name" | "description" | "website" | "logo" | "keywords" | "success">> {
  build?: Build;
  services?: ServicePart[];
  jobs?: Job[];
  resources?: Resource[];
  variables?: Variable[];
}

export type ServicePart = Pick<Service, "name"> & Partial<Service>;

export interface Said {
  part: Part;
  problems: Note[];
  remarks: Note[];
}

/** One kind of manifest: which files are of it, and what such a file says. Never throws. */
export interface Form {
  id: string;
  /** The path to read, out of the list; undefined when the app has none of this form. */
  find(list: ReadonlySet<string>): string | undefined;
  read(file: string, text: string, files: Files): Said;
}

export const firstOf =
  (...names: string[]) =>
  (list: ReadonlySet<string>) =>
    names.find((name) => list.has(name));
