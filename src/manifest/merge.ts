import type { App, Build, Service } from "../app.ts";
import { note } from "../result.ts";
import { refine } from "./cloud/refine.ts";
import type { Files, ManifestFormat, Merged, PartialApp, ServicePart } from "./format.ts";
import { languageOf, siteIn } from "./infer/languages.ts";
import { type Diagnostics, short } from "./syntax/diagnostics.ts";

/** One file, read. */
export interface ReadFormat {
  form: ManifestFormat;
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

/** The parts as one: an earlier file decides, a later one fills what it leaves open. */
export function merge(everything: readonly ReadFormat[], files: Files): { all: Merged; said: readonly ReadFormat[] } {
  const build = buildOf(everything, files);
  const said = everything.filter((one) => counts(one, build)).map((one) => withoutServices(one, build));
  const all: Merged = {
    variables: said.find(({ part }) => part.variables)?.part.variables ?? [],
    resources: said.find(({ part }) => part.resources)?.part.resources ?? [],
    jobs: jobsOf(said),
    services: servicesOf(said, build),
    ...(build ? { build } : {}),
  };
  for (const { part } of said) {
    for (const key of facts) if (all[key] === undefined) Object.assign(all, { [key]: part[key] });
  }
  // The first file's word is the last one.
  const refined = said.toReversed().reduce((app, { part, report }) => {
    return part.cloud ? refine(app, part.cloud.said, part.cloud.tree, report) : app;
  }, all);
  return { all: refined, said };
}

/** A Dockerfile that nothing is built from does not count. */
const counts = ({ form, report }: ReadFormat, build: Build | undefined): boolean =>
  form.id !== "Dockerfile" || (build?.kind === "dockerfile" && build.dockerfile === report.file);

/** A container starts by itself what a language's files would have us start. */
function withoutServices(one: ReadFormat, build: Build | undefined): ReadFormat {
  const { services, ...part } = one.part;
  if (!one.form.language || services === undefined || build?.kind === "buildpacks" || part.build === build) return one;
  one.report.remarks.length = 0;
  return { ...one, part };
}

/** Jobs of all files that count, each name once: a Procfile's release job beside the first-run job of an app.json. */
function jobsOf(said: readonly ReadFormat[]): App["jobs"] {
  const jobs = new Map<string, App["jobs"][number]>();
  const running = said.findIndex(({ form, part }) => form.kind === "manifest" && part.services);
  for (const [index, { form, part }] of said.entries()) {
    if (form.kind === "manifest" && running >= 0 && index > running) continue;
    for (const job of part.jobs ?? []) if (!jobs.has(job.name)) jobs.set(job.name, job);
  }
  return [...jobs.values()];
}

function buildOf(said: readonly ReadFormat[], files: Files): Build | undefined {
  const deliberate = said.find(({ form, part }) => part.build && !form.id.startsWith("package"))?.part.build;
  if (deliberate?.kind === "buildpacks")
    return { ...deliberate, language: deliberate.language ?? languageOf(files.list) };
  if (deliberate) return deliberate;
  const language = languageOf(files.list);
  const buildpacks: Build = { kind: "buildpacks", builder: null, buildpacks: [], language };
  const heroku = said.some(({ form, part }) => form.id === "Procfile" || (form.id.endsWith(".json") && part.resources));
  if (heroku && language !== null) return buildpacks;
  if (files.list.includes("Dockerfile")) return { kind: "dockerfile", dockerfile: "Dockerfile", context: "." };
  const site = said.find(({ part }) => part.build)?.part.build;
  if (site) return site;
  const publish = siteIn(files.list);
  if (publish !== null) return { kind: "command", command: null, publish };
  const some = said.some(({ part }) => Object.keys(part).length > 0);
  return language !== null || some ? buildpacks : undefined;
}

function servicesOf(said: readonly ReadFormat[], build: Build | undefined): Service[] {
  const first = said.find(({ form, part }) => form.kind === "manifest" && part.services);
  const services = new Map<string, ServicePart>();
  for (const service of first?.part.services ?? []) {
    if (/^[A-Za-z0-9_-]{1,60}$/.test(service.name)) services.set(service.name, service);
    else first?.report.remark(null, `\`${short(service.name)}\` is no name for a process, and is passed over.`);
  }
  for (const { form, part, report } of said) {
    if (form.kind !== "hint" || (first?.part.whole && form.id !== "Dockerfile")) continue;
    for (const service of part.services ?? []) {
      const known = services.get(service.name);
      if (form.id === "Dockerfile" && services.size > 0) fillPort(services, service);
      else if (known) services.set(service.name, { ...service, ...known });
      else if (oneOff.has(service.name)) {
        report.remark(null, `The process \`${service.name}\` is run by hand, so it is not deployed.`);
      } else services.set(service.name, service);
    }
  }
  if (!first?.part.whole) dropIdle(services, first, build, said);
  const on = [...services.values()].filter(({ scale }) => scale?.max !== 0);
  const manifest = said.some(({ form, part }) => form.kind === "manifest" && Object.keys(part).length > 0);
  const open =
    services.size === 0 &&
    !said.some(facesTheWeb) &&
    (manifest || build?.kind === "dockerfile" || build?.kind === "command");
  return (open ? [{ name: "web" }] : on).map(whole);
}

/** The `cloud` object names a service of its own that faces the web. */
const facesTheWeb = ({ part }: ReadFormat): boolean =>
  Object.values(part.cloud?.said.services ?? {}).some((one) => one.public ?? one.health ?? one.port);

/** What the image opens is the port of the service that faces the web, unless that one says otherwise. */
function fillPort(services: Map<string, ServicePart>, { port, health }: ServicePart): void {
  const open = [...services.values()].find((service) => service.public ?? service.name === "web");
  if (open) services.set(open.name, { ...(port ? { port } : {}), ...(health ? { health } : {}), ...open });
}

/** A buildpack may know what a `worker` is; an image, or a Procfile that leaves it out, does not. */
function dropIdle(
  services: Map<string, ServicePart>,
  first: ReadFormat | undefined,
  build: Build | undefined,
  said: readonly ReadFormat[],
): void {
  const known = build?.kind === "buildpacks" && !said.some(({ form }) => form.id === "Procfile");
  // The `cloud` object is heard later, yet what it tells a service to run counts.
  const told = new Set(
    said.flatMap(({ part }) =>
      Object.entries(part.cloud?.said.services ?? {}).flatMap(([name, one]) => (one.command ? [name] : [])),
    ),
  );
  const idle = [...services.values()].filter(({ name, command }) => name !== "web" && !command && !told.has(name));
  if (build?.kind === "image" || services.size === idle.length) return;
  for (const { name } of idle) {
    const fix = `Add \`${name}: command\` to a Procfile.`;
    const where = { file: first?.report.file ?? "", fix };
    first?.report.remarks.push(
      known
        ? note(`Nothing here says what \`${name}\` runs; the buildpack has to know.`, where)
        : note(`Nothing says what \`${name}\` runs, so it is left out.`, where),
    );
    if (!known) services.delete(name);
  }
}

function whole(service: ServicePart): Service {
  const web = service.name === "web";
  const open = service.public ?? web;
  return {
    name: service.name,
    command: service.command ?? null,
    port: service.port ?? (open ? 8080 : null),
    public: open,
    size: service.size ?? "S",
    scale: service.scale ?? { min: 1, max: 1 },
    health: service.health ?? null,
    ...(service.build ? { build: service.build } : {}),
    ...(service.env ? { env: service.env } : {}),
    ...(service.volumes ? { volumes: service.volumes } : {}),
  };
}
