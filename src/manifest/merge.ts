import type { App, Build, Service } from "../app.ts";
import { note } from "../result.ts";
import type { Files, Form, Part, ServicePart } from "./form.ts";
import { languageOf, siteIn } from "./languages.ts";
import { type Report, short } from "./report.ts";

/** One file, read. */
export interface Said {
  form: Form;
  report: Report;
  part: Part;
}

export type Merged = Omit<Part, "services"> &
  Required<Pick<Part, "variables" | "resources" | "jobs">> & {
    services: Service[];
    /** The files that count: a Dockerfile that nothing is built from does not. */
    said: readonly Said[];
  };

const facts = ["name", "description", "website", "logo", "keywords", "success"] as const;
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
export function merge(everything: readonly Said[], files: Files): Merged {
  const build = buildOf(everything, files);
  const said = everything.filter(
    ({ form, report }) =>
      form.id !== "Dockerfile" || (build?.kind === "dockerfile" && build.dockerfile === report.file),
  );
  // What an app needs and what it asks for belong together, so both are of one file.
  const needs = said.find(({ part }) => part.variables !== undefined || part.resources !== undefined)?.part;
  const all: Merged = {
    variables: needs?.variables ?? [],
    resources: needs?.resources ?? [],
    jobs: jobsOf(said),
    services: servicesOf(said, build),
    said,
    ...(build ? { build } : {}),
  };
  for (const { part } of said) {
    for (const key of facts) if (all[key] === undefined) Object.assign(all, { [key]: part[key] });
  }
  return all;
}

/** Jobs of all files, each name once: a release job of a Procfile beside the first-run job of an app.json. */
function jobsOf(said: readonly Said[]): App["jobs"] {
  const jobs = new Map<string, App["jobs"][number]>();
  for (const { part } of said) for (const job of part.jobs ?? []) if (!jobs.has(job.name)) jobs.set(job.name, job);
  return [...jobs.values()];
}

function buildOf(said: readonly Said[], files: Files): Build | undefined {
  const deliberate = said.find(({ part }) => part.build)?.part.build;
  if (deliberate?.kind === "buildpacks")
    return { ...deliberate, language: deliberate.language ?? languageOf(files.list) };
  if (deliberate) return deliberate;
  const language = languageOf(files.list);
  const buildpacks: Build = { kind: "buildpacks", builder: null, buildpacks: [], language };
  const heroku = said.some(({ form, part }) => form.id === "Procfile" || (form.id === "app.json" && part.resources));
  if (heroku && language !== null) return buildpacks;
  if (files.list.includes("Dockerfile")) return { kind: "dockerfile", dockerfile: "Dockerfile", context: "." };
  const publish = siteIn(files.list);
  if (publish !== null) return { kind: "command", command: null, publish };
  const some = said.some(({ part }) => Object.keys(part).length > 0);
  return language !== null || some ? buildpacks : undefined;
}

function servicesOf(said: readonly Said[], build: Build | undefined): Service[] {
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
  dropIdle(services, first, build, said);
  const on = [...services.values()].filter(({ scale }) => scale?.max !== 0);
  const manifest = said.some(({ form, part }) => form.kind === "manifest" && Object.keys(part).length > 0);
  const open = services.size === 0 && (manifest || build?.kind === "dockerfile" || build?.kind === "command");
  return (open ? [{ name: "web" }] : on).map(whole);
}

/** What the image opens is the port of the service that faces the web, unless that one says otherwise. */
function fillPort(services: Map<string, ServicePart>, { port, health }: ServicePart): void {
  const open = [...services.values()].find((service) => service.public ?? service.name === "web");
  if (open) services.set(open.name, { ...(port ? { port } : {}), ...(health ? { health } : {}), ...open });
}

/** A buildpack may know what a `worker` is; an image, or a Procfile that leaves it out, does not. */
function dropIdle(
  services: Map<string, ServicePart>,
  first: Said | undefined,
  build: Build | undefined,
  said: readonly Said[],
): void {
  const known = build?.kind === "buildpacks" && !said.some(({ form }) => form.id === "Procfile");
  const idle = [...services.values()].filter(({ name, command }) => name !== "web" && !command);
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
  };
}
