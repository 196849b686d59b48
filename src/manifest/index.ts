import type { App, Source } from "../app.ts";
import type { Reading } from "../plan.ts";
import { type Note, note } from "../result.ts";
import type { Files, Merged } from "./format.ts";
import { manifestFormats } from "./formats/index.ts";
import { bindResources } from "./infer/bind-resources.ts";
import { languageOf } from "./infer/languages.ts";
import { merge, type ReadFormat } from "./merge.ts";
import { slugOf } from "./slug.ts";
import { createDiagnostics, type Diagnostics } from "./syntax/diagnostics.ts";

export type { Files } from "./format.ts";

const largest = 300_000;

/** Which of these files must be read before readManifest can answer. */
export function wanted(list: readonly string[]): string[] {
  const found = manifestFormats.flatMap((form) => {
    const files = form.find(list);
    const more = [...(form.also ?? []), ...files.flatMap((file) => form.beside?.(file) ?? [])];
    return [...files, ...(files.length > 0 ? more.filter((name) => list.includes(name)) : [])];
  });
  return [...new Set(found)];
}

/** What the files say, as an app or as problems. `app` is null exactly when there is a problem. Never throws. */
export const readManifest = (files: Files, source: Source): Reading => readWithReports(files, source).reading;

/** The same with a report on every file that was read. */
export function readWithReports(files: Files, source: Source): { reading: Reading; reports: Diagnostics[] } {
  const { said: everything, declined, problems, remarks } = readAll(files);
  const { all, said } = merge(everything, files);
  const reports = said.map(({ report }) => report);
  for (const report of reports) {
    problems.push(...inOrder(report.problems));
    remarks.push(...inOrder(report.remarks));
  }
  if (problems.length === 0 && all.services.length === 0) problems.push(nothing(declined, languageOf(files.list)));
  if (problems.length > 0) return { reading: { app: null, problems, remarks }, reports };
  const app = appOf(all, source, filesRead(said, all));
  const many = crowded(app);
  return { reading: many ? { app: null, problems: [many], remarks } : { app, problems, remarks }, reports };
}

function filesRead(said: readonly ReadFormat[], { build }: Merged): string[] {
  const telling = said.filter(({ part }) => Object.keys(part).length > 0);
  const read = telling.flatMap(({ form, report }) => [report.file, ...(form.beside?.(report.file) ?? [])]);
  if (read.length > 0 || build?.kind !== "command") return read;
  return [build.publish === "." || build.publish === null ? "index.html" : `${build.publish}/index.html`];
}

function readAll(files: Files): { said: ReadFormat[]; declined: Note[]; problems: Note[]; remarks: Note[] } {
  const problems: Note[] = [];
  const remarks: Note[] = [];
  const said: ReadFormat[] = [];
  const declined: Note[] = [];
  for (const form of manifestFormats) {
    if (form.kind === "manifest" && said.some(({ part }) => part.settled)) continue;
    const running = said.some(({ part }) => part.services);
    for (const file of form.find(files.list)) {
      const text = files.text.get(file);
      if (text === undefined) continue;
      if (text === null) {
        const unread = note(`${file} is no text, or larger than 5 MB.`, { file, fix: "Write it as UTF-8 text." });
        (form.kind === "manifest" ? problems : remarks).push(unread);
        continue;
      }
      if (text.length > largest) {
        declined.push(note(`${file} is larger than any manifest would be, and is not read.`, { file }));
        continue;
      }
      const report = createDiagnostics(file, text);
      const part = form.read(report, files);
      // What another file has decided cannot fail because of this one.
      if (running && form.kind === "manifest") report.remarks.push(...report.problems.splice(0));
      if (part !== null) said.push({ form, report, part });
      else declined.push(...report.remarks);
    }
  }
  return { said, declined, problems, remarks: [...remarks, ...declined] };
}

const inOrder = (notes: readonly Note[]): Note[] =>
  notes.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

const starts: Record<string, string> = {
  python: "gunicorn app:app",
  node: "node server.js",
  ruby: "bundle exec puma",
  go: "bin/server",
  java: "java -jar target/app.jar",
  php: "heroku-php-apache2 public/",
};

/** Nothing runs. When a file was declined, that is the reason. */
function nothing([declined]: readonly Note[], language: string | null): Note {
  const why = declined ? `${declined.message} ` : "";
  const start = (language && starts[language]) || "the command that starts it";
  const fix = `Add a Procfile (\`web: ${start}\`), a Dockerfile, or an app.json with \`"formation"\`.`;
  return note(`${why}Nothing in this folder says how to run it.`, { file: declined?.file ?? "", fix });
}

function crowded(app: App): Note | null {
  const fix = "Is this file meant for something else?";
  if (app.variables.length > 500)
    return note("More than 500 variables are more than anyone can be asked for.", { fix });
  if (app.services.length > 50) return note("More than 50 services do not fit into one deployment.", { fix });
  if (app.resources.length > 30) return note("More than 30 resources do not fit into one deployment.", { fix });
  return app.jobs.length > 100 ? note("More than 100 jobs do not fit into one deployment.", { fix }) : null;
}

function appOf(all: Merged, source: Source, read: string[]): App {
  const name = all.name ?? source.repo;
  const { variables, resources } = bindResources(all.variables, all.resources);
  return {
    name,
    slug: slugOf(name, source.repo),
    description: all.description ?? "",
    website: all.website ?? "",
    logo: all.logo ?? "",
    keywords: all.keywords ?? [],
    source,
    read,
    build: all.build ?? { kind: "buildpacks", builder: null, buildpacks: [], language: null },
    services: all.services,
    jobs: all.jobs,
    resources,
    variables,
    success: all.success ?? null,
    ...(all.env ? { env: all.env } : {}),
    ...(all.overrides ? { overrides: all.overrides } : {}),
    ...(all.settings ? { settings: all.settings } : {}),
  };
}
