import type { Service, Source } from "../app.ts";
import type { Reading } from "../plan.ts";
import { type Note, note } from "../result.ts";
import type { Files, Form, Part, ServicePart } from "./form.ts";
import { procfile } from "./procfile.ts";

export type { Files } from "./form.ts";

/** The most deliberate first: an earlier form decides, a later one fills what it leaves open. */
const forms: readonly Form[] = [procfile];

/** Which of these files must be read before readManifest can answer. */
export function wanted(list: readonly string[]): string[] {
  const names = new Set(list);
  return forms.map((form) => form.find(names)).filter((name) => name !== undefined);
}

/** What the files say, as an app or as problems. `app` is null exactly when there is a problem. Never throws. */
export function readManifest(files: Files, source: Source): Reading {
  const names = new Set(files.list);
  const problems: Note[] = [];
  const remarks: Note[] = [];
  const read: string[] = [];
  const parts: Part[] = [];
  for (const form of forms) {
    const file = form.find(names);
    if (file === undefined) continue;
    const text = files.text.get(file);
    if (text === undefined) continue;
    if (text === null) {
      problems.push(note(`${file} is no text, or larger than 5 MB.`, { file, fix: "Write it as UTF-8 text." }));
      continue;
    }
    const said = form.read(file, text, files);
    problems.push(...said.problems);
    remarks.push(...said.remarks);
    read.push(file);
    parts.push(said.part);
  }
  const part: Part = Object.assign({}, ...parts.toReversed());
  if (part.services === undefined)
    problems.push(
      note("Nothing here says how to run this repository.", { fix: "Add an app.json, a Procfile or a Dockerfile." }),
    );
  if (problems.length > 0) return { app: null, problems, remarks };
  const app = {
    name: part.name ?? source.repo,
    slug: slugOf(part.name ?? source.repo),
    description: part.description ?? "",
    website: part.website ?? "",
    logo: part.logo ?? "",
    keywords: part.keywords ?? [],
    source,
    read,
    build: part.build ?? { kind: "buildpacks" as const, builder: null, buildpacks: [], language: null },
    services: (part.services ?? []).map(whole),
    jobs: part.jobs ?? [],
    resources: part.resources ?? [],
    variables: part.variables ?? [],
    success: part.success ?? null,
  };
  return { app, problems, remarks };
}

function whole(service: ServicePart): Service {
  const web = service.name === "web";
  return {
    command: null,
    port: web ? 8080 : null,
    public: web,
    size: "S",
    scale: { min: 1, max: 1 },
    health: null,
    ...service,
  };
}

/** A name as the `slug` of an app: lower case, a-z 0-9 and dashes, starts with a letter, at most 30 long. */
function slugOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "");
  const started = /^[a-z]/.test(plain) ? plain : `app-${plain}`;
  return started.slice(0, 30).replace(/-+$/, "");
}
