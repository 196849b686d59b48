import { readManifest } from "../../src/manifest/index.ts";

const source = { host: "github.com", owner: "o", repo: "repo", ref: "main", commit: "c", path: "" } as const;

/** Reads files given by path. */
export const readFiles = (files: Record<string, string>) =>
  readManifest({ list: Object.keys(files), text: new Map(Object.entries(files)) }, source);

/** Reads files that must be an app without problems. */
export function appOf(files: Record<string, string>) {
  const { app, problems } = readFiles(files);
  if (app === null) throw new Error(JSON.stringify(problems));
  return app;
}

export const serviceNamed = (files: Record<string, string>, name: string) =>
  appOf(files).services.find((service) => service.name === name);

/** The messages of all remarks. */
export const remarksOf = (files: Record<string, string>) => readFiles(files).remarks.map(({ message }) => message);
