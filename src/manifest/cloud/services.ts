import type { Service, Size } from "../../app.ts";
import { closestMatch } from "../closest-match.ts";
import { sizeFor } from "../infer/sizes.ts";
import { short } from "../syntax/diagnostics.ts";
import type { Cloud } from "./schema.ts";
import type { SourceLocation } from "./variables.ts";

type ServiceSpec = NonNullable<Cloud["services"]>[string];

/** Reads a scale; a number is both minimum and maximum. */
export function scaleOf(spec: ServiceSpec["scale"], current: Service["scale"]): Service["scale"] {
  if (spec === undefined) return current;
  if (typeof spec === "number") return { min: spec, max: Math.max(spec, 1) };
  const min = spec.min ?? Math.min(current.min, spec.max ?? current.min);
  return { min, max: Math.max(spec.max ?? current.max, min) };
}

export const sizeOf = (spec: {
  size?: Size | undefined;
  cpu?: number | undefined;
  memory?: number | undefined;
}): Size | undefined =>
  spec.size ?? (spec.cpu === undefined && spec.memory === undefined ? undefined : sizeFor(spec.memory, spec.cpu));

/** Returns the services, as `cloud.services` and `cloud.volumes` refine them. */
export function refineServices(current: readonly Service[], cloud: Cloud, location: SourceLocation): Service[] {
  const services = new Map(current.map((service) => [service.name, { ...service }]));
  for (const [name, spec] of Object.entries(cloud.services ?? {})) {
    const base = services.get(name) ?? newService(name, spec);
    const service: Service = {
      ...base,
      entrypoint: spec.entrypoint ?? base.entrypoint,
      command: spec.command ?? base.command,
      public: spec.public ?? base.public,
      size: sizeOf(spec) ?? base.size,
      scale: scaleOf(spec.scale, base.scale),
      health: typeof spec.health === "string" ? { path: spec.health } : (spec.health ?? base.health),
      ...(spec.image === undefined ? {} : { build: { kind: "image", image: spec.image } }),
      ...(spec.env === undefined ? {} : { env: { ...base.env, ...spec.env } }),
    };
    service.port = spec.port ?? base.port ?? (service.public ? 8080 : null);
    if (typeof spec.scale === "object" && (spec.scale.cpu ?? spec.scale.requests) !== undefined) {
      location.report.remark(location.at("services", name, "scale"), "At which load it scales is left to the cloud.");
    }
    if (
      service.command === null &&
      service.entrypoint === null &&
      !services.has(name) &&
      name !== "web" &&
      spec.image === undefined &&
      cloud.image === undefined
    ) {
      location.report.remark(
        location.at("services", name),
        `Nothing says what \`${name}\` runs; it starts what the image starts.`,
        'Write `"command"`.',
      );
    }
    services.set(name, service);
  }
  for (const [name, spec] of Object.entries(cloud.volumes ?? {})) {
    const serviceName = spec.service;
    const service = serviceName === undefined ? [...services.values()][0] : services.get(serviceName);
    if (service) {
      const others = (service.volumes ?? []).filter((volume) => volume.name !== name);
      service.volumes = [...others, { name, mount: spec.mount, size: spec.size ?? 10 }];
    } else {
      const match = closestMatch(serviceName ?? "", [...services.keys()]);
      const fix = match ? `Did you mean \`${match}\`?` : "Name a service of this app.";
      location.report.problem(
        location.at("volumes", name),
        `The volume \`${short(name)}\` belongs to no service that there is.`,
        fix,
      );
    }
  }
  return [...services.values()].filter(({ scale }) => scale.max > 0);
}

const newService = (name: string, spec: ServiceSpec): Service => ({
  name,
  entrypoint: null,
  command: null,
  port: null,
  public: name === "web" || (spec.port !== undefined && spec.public !== false && spec.health !== undefined),
  size: "S",
  scale: { min: 1, max: 1 },
  health: null,
});
