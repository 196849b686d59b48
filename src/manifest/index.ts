import type { App, Source } from "../app.ts";
import type { Reading } from "../plan.ts";
import { type Note, note } from "../result.ts";
import type { Files, ManifestFormat, Merged } from "./format.ts";
import { manifestFormats } from "./formats/index.ts";
import { bindResources } from "./infer/bind-resources.ts";
import { languageOf } from "./infer/languages.ts";
import { merge, type ReadFormat } from "./merge.ts";
import { slugOf } from "./slug.ts";
import { createDiagnostics, type Diagnostics } from "./syntax/diagnostics.ts";

export type { Files } from "./format.ts";

const maxLength = 300_000;
const maxHintLength = 65_536;

/** Hints are read line by line, and the beginning is enough; a document of JSON or YAML cannot be cut. */
const isLineBased = ({ kind }: ManifestFormat, file: string): boolean =>
  kind === "hint" && !/\.(json|ya?ml)$/.test(file);

/** Returns the files whose text readManifest needs. */
export function filesToRead(list: readonly string[]): string[] {
  const paths = manifestFormats.flatMap((format) => {
    const files = format.find(list);
    const companions = [...(format.alsoReads?.(list) ?? []), ...files.flatMap((file) => format.beside?.(file) ?? [])];
    return [...files, ...(files.length > 0 ? companions.filter((name) => list.includes(name)) : [])];
  });
  return [...new Set(paths)];
}

/** Reads the files as an app or as problems. Never throws; `app` is null exactly when there is a problem. */
export const readManifest = (files: Files, source: Source): Reading => readWithReports(files, source).reading;

/** Reads the files like readManifest and returns the diagnostics of each file as well. */
export function readWithReports(files: Files, source: Source): { reading: Reading; reports: Diagnostics[] } {
  const { formats: allFormats, declined, problems, remarks } = readAll({ ...files, source });
  const { all: merged, readFiles: formats } = merge(allFormats, files);
  const reports = formats.map(({ report }) => report);
  const { variables, resources } = bindResources(merged.variables, merged.resources);
  const variableNames = new Set(variables.map(({ name }) => name));
  for (const report of reports) {
    report.addVariableRemarks(variableNames);
    problems.push(...inOrder(report.problems));
    remarks.push(...inOrder(report.remarks));
  }
  if (problems.length === 0 && merged.services.length === 0)
    problems.push(nothingToRun(declined, languageOf(files.list)));
  if (problems.length > 0) return { reading: { app: null, problems, remarks }, reports };
  const app = appOf({ ...merged, variables, resources }, source, filesRead(formats, merged));
  const limitProblem = checkLimits(app);
  return {
    reading: limitProblem ? { app: null, problems: [limitProblem], remarks } : { app, problems, remarks },
    reports,
  };
}

function filesRead(formats: readonly ReadFormat[], { build }: Merged): string[] {
  const contributing = formats.filter(({ part }) => Object.keys(part).length > 0);
  const read = contributing.flatMap(({ format, report }) => [report.file, ...(format.beside?.(report.file) ?? [])]);
  if (read.length > 0 || build?.kind !== "command") return read;
  return [build.publish === "." || build.publish === null ? "index.html" : `${build.publish}/index.html`];
}

function readAll(files: Files): { formats: ReadFormat[]; declined: Note[]; problems: Note[]; remarks: Note[] } {
  const problems: Note[] = [];
  const remarks: Note[] = [];
  const formats: ReadFormat[] = [];
  const declined: Note[] = [];
  for (const format of manifestFormats) {
    if (format.kind === "manifest" && formats.some(({ part }) => part.isFinal)) continue;
    const hasServices = formats.some(({ part }) => part.services);
    for (const file of format.find(files.list)) {
      const text = files.text.get(file);
      if (text === undefined) continue;
      if (text === null) {
        const unreadable = note(`${file} is no text, or larger than 5 MB.`, { file, fix: "Write it as UTF-8 text." });
        (format.kind === "manifest" ? problems : remarks).push(unreadable);
        continue;
      }
      if (text.trim() === "" && format.kind === "manifest") {
        declined.push(note(`${file} is empty, and is passed over.`, { file, fix: "Fill it, or remove it." }));
        continue;
      }
      if (text.length > maxLength) {
        declined.push(note(`${file} is larger than any manifest would be, and is not read.`, { file }));
        continue;
      }
      const report = createDiagnostics(file, isLineBased(format, file) ? text.slice(0, maxHintLength) : text);
      const part = format.read(report, files);
      // A broken file of a lower form does not block what a higher one has decided.
      if (hasServices && format.kind === "manifest") report.remarks.push(...report.problems.splice(0));
      if (part !== null) formats.push({ format, report, part });
      else declined.push(...report.remarks);
    }
  }
  return { formats, declined, problems, remarks: [...remarks, ...declined] };
}

const inOrder = (notes: readonly Note[]): Note[] =>
  notes.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

const exampleCommands: Record<string, string> = {
  python: "gunicorn app:app",
  node: "node server.js",
  ruby: "bundle exec puma",
  go: "bin/server",
  java: "java -jar target/app.jar",
  php: "heroku-php-apache2 public/",
};

/** Creates the problem for an app without services. A declined file, if any, is the reason. */
function nothingToRun([declined]: readonly Note[], language: string | null): Note {
  const reason = declined ? `${declined.message} ` : "";
  const command = (language && exampleCommands[language]) || "the command that starts it";
  const fix = `Add a Procfile (\`web: ${command}\`), a Dockerfile, or an app.json with \`"formation"\`.`;
  return note(`${reason}Nothing in this folder says how to run it.`, { file: declined?.file ?? "", fix });
}

function checkLimits(app: App): Note | null {
  const fix = "Is this file meant for something else?";
  if (app.variables.length > 500)
    return note("More than 500 variables are more than anyone can be asked for.", { fix });
  if (app.services.length > 50) return note("More than 50 services do not fit into one deployment.", { fix });
  if (app.resources.length > 30) return note("More than 30 resources do not fit into one deployment.", { fix });
  return app.jobs.length > 100 ? note("More than 100 jobs do not fit into one deployment.", { fix }) : null;
}

function appOf(merged: Merged, source: Source, read: string[]): App {
  const name = merged.name ?? source.repo;
  const { variables, resources } = merged;
  return {
    name,
    slug: slugOf(name, source.repo),
    description: merged.description ?? "",
    website: merged.website ?? "",
    logo: merged.logo ?? "",
    keywords: merged.keywords ?? [],
    source,
    read,
    build: merged.build ?? { kind: "buildpacks", builder: null, buildpacks: [], language: null },
    services: merged.services,
    jobs: merged.jobs,
    resources,
    variables,
    success: merged.success ?? null,
    ...(merged.env ? { env: merged.env } : {}),
    ...(merged.overrides ? { overrides: merged.overrides } : {}),
    ...(merged.settings ? { settings: merged.settings } : {}),
  };
}
