import type { App, Build, Job, Override, Resource, ResourceType, Service, Size } from "../../app.ts";
import { closestMatch } from "../closest-match.ts";
import { inside } from "../components.ts";
import { cronOf } from "../cron.ts";
import type { Merged } from "../format.ts";
import { sizeFor } from "../infer/sizes.ts";
import { defaultEnv, outputs, resource } from "../resources.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { get, type Tree } from "../syntax/tree.ts";
import type { Cloud } from "./schema.ts";
import { checkSettings } from "./settings.ts";
import { refineEnv, type SourceLocation } from "./variables.ts";

/** The app, as the `cloud` object refines it. */
export function refine(all: Merged, cloud: Cloud, tree: Tree, report: Diagnostics): Merged {
  const spot: SourceLocation = { report, at: (...path) => path.reduce((at, key) => get(at, key) ?? at, tree) };
  const build = buildOf(cloud, all.build);
  const services = servicesOf(all.services, cloud, spot);
  const resources = resourcesOf(all.resources, cloud, spot);
  const jobs = jobsOf(all.jobs, cloud, spot);
  const overrides = overridesOf(cloud);
  const refined: Merged = {
    ...all,
    services,
    resources,
    jobs,
    ...(build ? { build } : {}),
    ...(overrides ? { overrides } : {}),
    ...(cloud.settings ? { settings: cloud.settings } : {}),
  };
  checkSettings(cloud.settings ?? {}, spot);
  return refineEnv(refined, cloud.env ?? {}, spot);
}

function buildOf({ image, build }: Cloud, known: Build | undefined): Build | undefined {
  if (image !== undefined) return { kind: "image", image };
  if (build === undefined) return known;
  if (build.publish !== undefined)
    return { kind: "command", command: build.command ?? null, publish: inside(build.publish) };
  if (build.dockerfile !== undefined || (build.builder === undefined && build.buildpacks === undefined)) {
    const before = known?.kind === "dockerfile" ? known : { dockerfile: "Dockerfile", context: "." };
    const dockerfile = inside(build.dockerfile ?? before.dockerfile);
    const context = build.context === undefined ? before.context : inside(build.context);
    return { kind: "dockerfile", dockerfile, context, ...(build.args ? { args: build.args } : {}) };
  }
  const before = known?.kind === "buildpacks" ? known : { builder: null, buildpacks: [], language: null };
  const { builder = before.builder, buildpacks = before.buildpacks } = build;
  return { kind: "buildpacks", builder, buildpacks, language: before.language };
}

type Said = NonNullable<Cloud["services"]>[string];

/** A number means that many, no more and no fewer. */
function scaleOf(said: Said["scale"], known: Service["scale"]): Service["scale"] {
  if (said === undefined) return known;
  if (typeof said === "number") return { min: said, max: Math.max(said, 1) };
  const min = said.min ?? Math.min(known.min, said.max ?? known.min);
  return { min, max: Math.max(said.max ?? known.max, min) };
}

const sizeOf = (said: {
  size?: Size | undefined;
  cpu?: number | undefined;
  memory?: number | undefined;
}): Size | undefined =>
  said.size ?? (said.cpu === undefined && said.memory === undefined ? undefined : sizeFor(said.memory, said.cpu));

function servicesOf(known: readonly Service[], cloud: Cloud, spot: SourceLocation): Service[] {
  const services = new Map(known.map((service) => [service.name, { ...service }]));
  for (const [name, said] of Object.entries(cloud.services ?? {})) {
    const before = services.get(name) ?? fresh(name, said);
    const service: Service = {
      ...before,
      command: said.command ?? before.command,
      public: said.public ?? before.public,
      size: sizeOf(said) ?? before.size,
      scale: scaleOf(said.scale, before.scale),
      health: typeof said.health === "string" ? { path: said.health } : (said.health ?? before.health),
      ...(said.image === undefined ? {} : { build: { kind: "image", image: said.image } }),
      ...(said.env === undefined ? {} : { env: { ...before.env, ...said.env } }),
    };
    service.port = said.port ?? before.port ?? (service.public ? 8080 : null);
    if (typeof said.scale === "object" && (said.scale.cpu ?? said.scale.requests) !== undefined) {
      spot.report.remark(spot.at("services", name, "scale"), "At which load it scales is left to the cloud.");
    }
    if (
      service.command === null &&
      !services.has(name) &&
      name !== "web" &&
      said.image === undefined &&
      cloud.image === undefined
    ) {
      spot.report.remark(
        spot.at("services", name),
        `Nothing says what \`${name}\` runs; it starts what the image starts.`,
        'Write `"command"`.',
      );
    }
    services.set(name, service);
  }
  for (const [name, said] of Object.entries(cloud.volumes ?? {})) {
    const wished = said.service;
    const service = wished === undefined ? [...services.values()][0] : services.get(wished);
    if (service) {
      const others = (service.volumes ?? []).filter((one) => one.name !== name);
      service.volumes = [...others, { name, mount: said.mount, size: said.size ?? 10 }];
    } else {
      const near = closestMatch(wished ?? "", [...services.keys()]);
      const fix = near ? `Did you mean \`${near}\`?` : "Name a service of this app.";
      spot.report.problem(
        spot.at("volumes", name),
        `The volume \`${short(name)}\` belongs to no service that there is.`,
        fix,
      );
    }
  }
  return [...services.values()].filter(({ scale }) => scale.max > 0);
}

const fresh = (name: string, said: Said): Service => ({
  name,
  command: null,
  port: null,
  public: name === "web" || (said.port !== undefined && said.public !== false && said.health !== undefined),
  size: "S",
  scale: { min: 1, max: 1 },
  health: null,
});

type Wishes = NonNullable<Resource["options"]>;

/** What is said of a resource beyond type, version, size and env, flat: `backup.retain`. */
function wishesOf(said: Record<string, unknown>): Wishes {
  const wishes: Wishes = {};
  for (const [key, value] of Object.entries(said)) {
    if (["type", "version", "size", "env"].includes(key) || value === undefined) continue;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [inner, one] of Object.entries(value))
        if (one !== undefined) wishes[`${key}.${inner}`] = one as Wishes[string];
    } else wishes[key] = value as Wishes[string];
  }
  return wishes;
}

function resourcesOf(known: readonly Resource[], cloud: Cloud, spot: SourceLocation): Resource[] {
  let resources: Resource[] = known.map((one) => ({ ...one, env: { ...one.env } }));
  const entries = Object.entries(cloud.resources ?? {});
  for (const [name, said] of entries) {
    const alone = said.type !== undefined && entries.filter(([, one]) => one.type === said.type).length === 1;
    const same = resources.filter(({ type }) => type === said.type);
    const before = resources.find((one) => one.name === name) ?? (alone && same.length === 1 ? same[0] : undefined);
    const type = said.type ?? before?.type;
    if (type === undefined) {
      spot.report.problem(
        spot.at("resources", name),
        `\`resources.${name}\` has no \`type\`.`,
        'Write `"type": "postgres"` or the like.',
      );
      continue;
    }
    for (const [key, value] of Object.entries(said.env ?? {}))
      checkOutputs(value, type, spot.at("resources", name, "env", key), spot.report);
    const wishes = wishesOf(said);
    const taken = resources.flatMap((one) => (one === before ? [] : Object.keys(one.env)));
    const first = !Object.keys(defaultEnv(type)).some((key) => taken.includes(key));
    const base = before ?? resource(type, [], { name, env: {} });
    const usual = first ? defaultEnv(type) : namedEnv(name, type);
    const own = before ? before.env : said.env ? unnamed(usual, said.env) : usual;
    const made: Resource = {
      name,
      type,
      version: said.version === undefined ? base.version : String(said.version),
      size: said.size ?? base.size,
      env: { ...own, ...said.env },
      ...(base.options || Object.keys(wishes).length > 0 ? { options: { ...base.options, ...wishes } } : {}),
    };
    resources = before ? resources.map((one) => (one === before ? made : one)) : [...resources, made];
  }
  return resources;
}

/** A second database fills what is named after it, so that it does not take the place of the first one. */
const namedEnv = (name: string, type: ResourceType): Record<string, string> => {
  const head = name.toUpperCase().replaceAll("-", "_");
  return outputs[type].includes("url") ? { [`${head}_URL`]: "${url}" } : {};
};

/** What the usual names still tell when the manifest has names of its own: those that it says nothing about. */
function unnamed(usual: Record<string, string>, said: Record<string, string>): Record<string, string> {
  const entries = Object.entries(usual);
  if (entries.length === 1 && Object.keys(said).length > 0) return {};
  return Object.fromEntries(entries.filter(([, output]) => !Object.values(said).some((text) => text.includes(output))));
}

function checkOutputs(value: string, type: ResourceType, where: Tree, report: Diagnostics): void {
  for (const [, inner = ""] of value.replaceAll("$$", "").matchAll(/\$\{([^}]*)\}/g)) {
    if (outputs[type].includes(inner)) continue;
    const near = closestMatch(inner, outputs[type]);
    const fix = near
      ? `Did you mean \`\${${near}}\`?`
      : `Write one of ${outputs[type].map((one) => `\`\${${one}}\``).join(", ")}.`;
    report.problem(where, `A ${type} resource has no \`\${${short(inner)}}\`.`, fix);
  }
}

function jobsOf(known: readonly Job[], cloud: Cloud, spot: SourceLocation): Job[] {
  const jobs = new Map(known.map((job) => [job.name, job]));
  for (const [name, said] of Object.entries(cloud.jobs ?? {})) {
    const when = said.when ?? (said.schedule === undefined ? "release" : "schedule");
    const schedule = said.schedule === undefined ? null : cronOf(said.schedule);
    if ((when === "schedule") !== (schedule !== null)) {
      const message =
        said.schedule === undefined
          ? `\`jobs.${short(name)}\` has no schedule.`
          : `\`${short(said.schedule)}\` is no schedule of five fields for this job.`;
      spot.report.problem(spot.at("jobs", name, "schedule"), message, 'Write `"schedule": "0 3 * * *"`.');
      continue;
    }
    const more = { ...(said.timeout ? { timeout: said.timeout } : {}), ...(said.size ? { size: said.size } : {}) };
    jobs.set(name, { name, command: said.command, when, schedule, ...more });
  }
  return [...jobs.values()];
}

function overridesOf({ providers }: Cloud): App["overrides"] {
  if (providers === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(providers).map(([id, { supported, services, resources, ...options }]) => {
      const override: Override = {};
      if (supported !== undefined) override.supported = supported;
      if (services) {
        const entries = Object.entries(services).map(([name, said]) => {
          const { cpu: _cpu, memory: _memory, size: _size, scale, ...rest } = said;
          const size = sizeOf(said);
          const scaled = scale === undefined ? {} : { scale: scaleOf(scale, { min: 1, max: 1 }) };
          return [name, { ...rest, ...scaled, ...(size ? { size } : {}) }];
        });
        override.services = Object.fromEntries(entries);
      }
      if (resources) {
        const entries = Object.entries(resources).map(([name, said]) => {
          const wishes = wishesOf(said);
          const version = said.version === undefined ? {} : { version: String(said.version) };
          const more = Object.keys(wishes).length > 0 ? { options: wishes } : {};
          return [name, { ...version, ...(said.size ? { size: said.size } : {}), ...more }];
        });
        override.resources = Object.fromEntries(entries);
      }
      if (Object.keys(options).length > 0) override.options = options as NonNullable<Override["options"]>;
      return [id, override];
    }),
  );
}
