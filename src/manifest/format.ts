import type { App, Build, Job, Resource, Service, Variable } from "../app.ts";
import type { Cloud } from "./cloud/schema.ts";
import type { Diagnostics } from "./syntax/diagnostics.ts";
import type { Tree } from "./syntax/tree.ts";

/** The files of one app's folder: all their paths, and the text of those that were read. */
export interface Files {
  /** Relative to the app's folder. */
  list: readonly string[];
  /** null: it is no text, or larger than 5 MB. */
  text: ReadonlyMap<string, string | null>;
  /** The ids of the clouds that settings may name; when absent, any id is accepted. */
  cloudIds?: readonly string[];
}

/** What one file says of the app. What it says nothing about is absent, and another file may fill it. */
export interface PartialApp
  extends Partial<Pick<App, "name" | "description" | "website" | "logo" | "keywords" | "success">> {
  build?: Build;
  services?: ServicePart[];
  jobs?: Job[];
  resources?: Resource[];
  variables?: Variable[];
  env?: Record<string, string>;
  overrides?: App["overrides"];
  settings?: App["settings"];
  /** Refines the app, once all files are merged. */
  cloud?: { spec: Cloud; tree: Tree };
  /** It says all there is to say: no other manifest is read. */
  isFinal?: boolean;
  /** Nothing but these services runs: processes of other files are not added. */
  isComplete?: boolean;
}

/** All parts as one. */
export type Merged = Omit<PartialApp, "services"> &
  Required<Pick<PartialApp, "variables" | "resources" | "jobs">> & { services: Service[] };

export type ServicePart = Pick<Service, "name"> & Partial<Service>;

/** One kind of manifest: which file is of it, and what such a file says. Never throws. */
export interface ManifestFormat {
  id: string;
  /** `manifest`: someone wrote it to say how the app runs. `hint`: it fills what a manifest leaves open. */
  kind: "manifest" | "hint";
  /** It is about a language: what it says of services counts only where a buildpack, or its own build, makes the app. */
  language?: true;
  /** The files of this form, out of the list; the first of them counts most. */
  find(list: readonly string[]): string[];
  /** Other files that `read` looks into, wherever this form is found. */
  alsoReads?: readonly string[];
  /** The files that belong to one that was found. */
  beside?(file: string): string[];
  /** Null when the file is something else that has the same name; a remark then says what it is. */
  read(report: Diagnostics, files: Files): PartialApp | null;
}

/** The first of these paths that is there. */
export const firstOf =
  (...paths: string[]) =>
  (list: readonly string[]): string[] =>
    paths.filter((name) => list.includes(name)).slice(0, 1);
