import type { App, Build, Service } from "../app.ts";
import { note } from "../result.ts";
import { refine } from "./cloud/refine.ts";
import type { Files, ManifestFormat, Merged, PartialApp, ServicePart } from "./format.ts";
import { languageOf, siteIn } from "./infer/languages.ts";
import { type Diagnostics, short } from "./syntax/diagnostics.ts";

/** A file with its format, diagnostics and content. */
export interface ReadFormat {
  format: ManifestFormat;
  report: Diagnostics;
  part: PartialApp;
}

const facts = ["name", "description", "website", "logo", "keywords", "success", "env", "overrides"] as const;
const oneOff = new Set([
  "console",
  "shell",
  "bash",
  "rake",
  "rails",
  "debug",
  "test",
  "dev",
  "local",
  "migrate",
  "seed",
]);

/** Merges the parts: an earlier file decides, a later one fills gaps. */
export function merge(
  allFormats: readonly ReadFormat[],
  files: Files,
): { all: Merged; readFiles: readonly ReadFormat[] } {
  const build = buildOf(allFormats, files);
  const readFiles = allFormats
    .filter((file) => isRelevant(file, build))
    .map((file) => withoutInferred(file, build, allFormats));
  const all: Merged = {
    variables: readFiles.find(({ part }) => part.variables)?.part.variables ?? [],
    resources: readFiles.find(({ part }) => part.resources)?.part.resources ?? [],
    jobs: jobsOf(readFiles),
    services: servicesOf(readFiles, build),
    ...(build ? { build } : {}),
  };
  for (const { part } of readFiles) {
    for (const key of facts) if (all[key] === undefined) Object.assign(all, { [key]: part[key] });
  }
  // Applied last, the first file wins.
  const refined = readFiles.toReversed().reduce((app, { part, report }) => {
    return part.cloud ? refine(app, part.cloud.spec, part.cloud.tree, report, files.cloudIds) : app;
  }, all);
  return { all: refined, readFiles };
}

/** Ignores Dockerfiles that the app is not built from. */
const isRelevant = ({ format, report }: ReadFormat, build: Build | undefined): boolean =>
  format.id !== "Dockerfile" || (build?.kind === "dockerfile" && build.dockerfile === report.file);

/**
 * Drops inferred services of a language if a container image defines its own command, or if another file says what
 * runs: `npm start` counts only where there is no Procfile.
 */
function withoutInferred(file: ReadFormat, build: Build | undefined, allFormats: readonly ReadFormat[]): ReadFormat {
  const { services, ...part } = file.part;
  if (!file.format.language || services === undefined) return file;
  const isBuilt = build?.kind === "buildpacks" || part.build === build;
  const isSaid = allFormats.some(
    ({ format, part: { services: others = [] } }) =>
      !format.language &&
      others.length > 0 &&
      (format.id === "Procfile" || others.some(({ command, entrypoint }) => command || entrypoint)),
  );
  if (isBuilt && !isSaid) return file;
  file.report.remarks.length = 0;
  return { ...file, part };
}

/** Collects the jobs of all relevant files by name: a Procfile's release job beside an app.json's first-run job. */
function jobsOf(readFiles: readonly ReadFormat[]): App["jobs"] {
  const jobs = new Map<string, App["jobs"][number]>();
  const decisiveIndex = readFiles.findIndex(({ format, part }) => format.kind === "manifest" && part.services);
  for (const [index, { format, part }] of readFiles.entries()) {
    if (format.kind === "manifest" && decisiveIndex >= 0 && index > decisiveIndex) continue;
    for (const job of part.jobs ?? []) if (!jobs.has(job.name)) jobs.set(job.name, job);
  }
  return [...jobs.values()];
}

function buildOf(readFiles: readonly ReadFormat[], files: Files): Build | undefined {
  const deliberate = readFiles.find(({ format, part }) => part.build && !format.id.startsWith("package"))?.part.build;
  if (deliberate?.kind === "buildpacks")
    return { ...deliberate, language: deliberate.language ?? languageOf(files.list) };
  if (deliberate) return deliberate;
  const language = languageOf(files.list);
  const buildpacks: Build = { kind: "buildpacks", builder: null, buildpacks: [], language };
  const heroku = readFiles.some(
    ({ format, part }) => format.id === "Procfile" || (format.id.endsWith(".json") && part.resources),
  );
  if (heroku && language !== null) return buildpacks;
  if (files.list.includes("Dockerfile")) return { kind: "dockerfile", dockerfile: "Dockerfile", context: "." };
  const site = readFiles.find(({ part }) => part.build)?.part.build;
  if (site) return site;
  const publish = siteIn(files.list);
  if (publish !== null) return { kind: "command", command: null, publish };
  const hasContent = readFiles.some(({ part }) => Object.keys(part).length > 0);
  return language !== null || hasContent ? buildpacks : undefined;
}

function servicesOf(readFiles: readonly ReadFormat[], build: Build | undefined): Service[] {
  const first = readFiles.find(({ format, part }) => format.kind === "manifest" && part.services);
  const services = new Map<string, ServicePart>();
  for (const service of first?.part.services ?? []) {
    if (/^[A-Za-z0-9_-]{1,60}$/.test(service.name)) services.set(service.name, service);
    else first?.report.remark(null, `\`${short(service.name)}\` is no name for a process, and is passed over.`);
  }
  for (const { format, part, report } of readFiles) {
    if (format.kind !== "hint" || (first?.part.isComplete && format.id !== "Dockerfile")) continue;
    for (const service of part.services ?? []) {
      const existing = services.get(service.name);
      if (format.id === "Dockerfile" && services.size > 0) fillPort(services, service);
      else if (existing) services.set(service.name, { ...service, ...existing });
      else if (!oneOff.has(service.name) && isUnlisted(service.name, format.id, first, readFiles)) {
        const message = `\`${short(service.name)}\` is not in the formation, so it is not started.`;
        report.remark(null, message, `Add \`"${service.name}": { "quantity": 1 }\` to \`formation\`.`);
      } else if (oneOff.has(service.name)) {
        report.remark(null, `The process \`${service.name}\` is run by hand, so it is not deployed.`);
      } else services.set(service.name, service);
    }
  }
  if (!first?.part.isComplete) dropWithoutCommand(services, first, build, readFiles);
  const running = [...services.values()].filter(({ scale }) => scale?.max !== 0);
  // A file that lists every service, and lists none, does not say how to run the app.
  const manifest = readFiles.some(
    ({ format, part }) => format.kind === "manifest" && !part.isComplete && Object.keys(part).length > 0,
  );
  const addWeb =
    services.size === 0 &&
    !readFiles.some(facesTheWeb) &&
    (manifest || build?.kind === "dockerfile" || build?.kind === "command");
  return (addWeb ? [{ name: "web" }] : running).map(completeService);
}

/** Returns whether the formation of an app.json leaves a process of the Procfile out. */
const isUnlisted = (
  name: string,
  id: string,
  first: ReadFormat | undefined,
  readFiles: readonly ReadFormat[],
): boolean =>
  id === "Procfile" &&
  /^(app|slipway)\.json$/.test(first?.format.id ?? "") &&
  !readFiles.some(({ part }) => Object.hasOwn(part.cloud?.spec.services ?? {}, name));

/** Returns whether the `cloud` object declares a public service. */
const facesTheWeb = ({ part }: ReadFormat): boolean =>
  Object.values(part.cloud?.spec.services ?? {}).some((service) => service.public ?? service.health ?? service.port);

/** Uses the image's port and health check for public services that run it and declare none. */
function fillPort(services: Map<string, ServicePart>, { port, health }: ServicePart): void {
  for (const service of services.values())
    if ((service.public ?? service.name === "web") && service.build === undefined)
      services.set(service.name, { ...(port ? { port } : {}), ...(health ? { health } : {}), ...service });
}

/** Drops services without a command, unless a buildpack may define it. */
function dropWithoutCommand(
  services: Map<string, ServicePart>,
  first: ReadFormat | undefined,
  build: Build | undefined,
  readFiles: readonly ReadFormat[],
): void {
  const buildpackKnows = build?.kind === "buildpacks" && !readFiles.some(({ format }) => format.id === "Procfile");
  // The `cloud` object is applied later, but its commands count here.
  const refined = new Set(
    readFiles.flatMap(({ part }) =>
      Object.entries(part.cloud?.spec.services ?? {}).flatMap(([name, service]) =>
        service.command || service.entrypoint ? [name] : [],
      ),
    ),
  );
  const withoutCommand = [...services.values()].filter(
    ({ name, command, entrypoint }) => name !== "web" && !command && !entrypoint && !refined.has(name),
  );
  if (build?.kind === "image" || services.size === withoutCommand.length) return;
  for (const { name } of withoutCommand) {
    const fix = `Add \`${name}: command\` to a Procfile.`;
    const noteFields = { file: first?.report.file ?? "", fix };
    first?.report.remarks.push(
      buildpackKnows
        ? note(`Nothing here says what \`${name}\` runs; the buildpack has to know.`, noteFields)
        : note(`Nothing says what \`${name}\` runs, so it is left out.`, noteFields),
    );
    if (!buildpackKnows) services.delete(name);
  }
}

function completeService(service: ServicePart): Service {
  const web = service.name === "web";
  const isPublic = service.public ?? web;
  return {
    name: service.name,
    entrypoint: service.entrypoint ?? null,
    command: service.command ?? null,
    port: service.port ?? (isPublic ? 8080 : null),
    public: isPublic,
    size: service.size ?? "S",
    scale: service.scale ?? { min: 1, max: 1 },
    health: service.health ?? null,
    ...(service.build ? { build: service.build } : {}),
    ...(service.env ? { env: service.env } : {}),
    ...(service.volumes ? { volumes: service.volumes } : {}),
  };
}
