import type { App, Build, Job, Resource, Service, Source, Variable } from "../app.ts";
import type { Cloud } from "./cloud/schema.ts";
import type { Diagnostics } from "./syntax/diagnostics.ts";
import type { Tree } from "./syntax/tree.ts";

/** The files of one app's folder: all paths, and the text of those that were read. */
export interface Files {
  /** Relative to the app's folder. */
  list: readonly string[];
  /** null: not text, or larger than 5 MB. */
  text: ReadonlyMap<string, string | null>;
  /** The repository they are from, if known. */
  source?: Pick<Source, "owner" | "repo">;
  /** The ids of the clouds that settings may name; when absent, any id is accepted. */
  cloudIds?: readonly string[];
}

/** The part of an app that one file declares. Other files may fill the absent fields. */
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
  /** No other manifest is read. */
  isFinal?: boolean;
  /** Processes of other files are not added. */
  isComplete?: boolean;
}

/** The parts of all files, merged. */
export type Merged = Omit<PartialApp, "services"> &
  Required<Pick<PartialApp, "variables" | "resources" | "jobs">> & { services: Service[] };

export type ServicePart = Pick<Service, "name"> & Partial<Service>;

/** One manifest format: finds its files and reads them. Never throws. */
export interface ManifestFormat {
  id: string;
  /** `manifest`: declares how the app runs. `hint`: fills what a manifest leaves open. */
  kind: "manifest" | "hint";
  /** Belongs to a language: its services count only if a buildpack, or its own build, builds the app. */
  language?: true;
  /** Returns the files of this format, the most important first. */
  find(list: readonly string[]): string[];
  /** Other files that `read` needs if this format is found. */
  alsoReads?(list: readonly string[]): readonly string[];
  /** Returns the files that belong to one of them. */
  beside?(file: string): string[];
  /** Returns null for a foreign file of the same name, with a remark that says what it is. */
  read(report: Diagnostics, files: Files): PartialApp | null;
}

/** Returns a finder for the first of these paths that exists. */
export const firstOf =
  (...paths: string[]) =>
  (list: readonly string[]): string[] =>
    paths.filter((name) => list.includes(name)).slice(0, 1);
