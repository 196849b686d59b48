import type { App } from "../app.ts";
import { commandText } from "./shell.ts";

/** A feature that an app requires of a cloud. */
export interface Requirement {
  kind:
    | "resource"
    | "option"
    | "schedule"
    | "release"
    | "first"
    | "volume"
    | "own build"
    | "own env"
    | "private service"
    | "second public service"
    | "scale"
    | "health"
    | "app url"
    | "odd name";
  /** Where in the app, such as `services.web.volumes.data`. */
  path: string;
  /** Description, to be part of a sentence. */
  what: string;
}

/** Returns everything a cloud's support report has to cover. */
export function requirementsOf(app: App): Requirement[] {
  const needs: Requirement[] = [];
  const add = (kind: Requirement["kind"], path: string, what: string) => needs.push({ kind, path, what });
  for (const { name, type, options } of app.resources) {
    add("resource", `resources.${name}`, type);
    for (const [key, value] of Object.entries(options ?? {}))
      add("option", `resources.${name}.${key}`, `${key}: ${value}`);
  }
  for (const job of app.jobs) add(job.when, `jobs.${job.name}`, job.schedule ?? commandText(job) ?? job.name);
  let publicCount = 0;
  for (const service of app.services) {
    const path = `services.${service.name}`;
    if (service.public) publicCount += 1;
    if (service.public && publicCount > 1) add("second public service", path, service.name);
    if (!service.public && service.port !== null) add("private service", path, `${service.name}, port ${service.port}`);
    if (service.scale.max > service.scale.min)
      add("scale", `${path}.scale`, `${service.scale.min} to ${service.scale.max}`);
    if (service.health) add("health", `${path}.health`, service.health.path);
    if (service.build) add("own build", `${path}.build`, service.build.kind);
    if (service.env) add("own env", `${path}.env`, Object.keys(service.env).join(", "));
    for (const { name, mount, size } of service.volumes ?? [])
      add("volume", `${path}.volumes.${name}`, `${mount}, ${size} GB`);
  }
  for (const [name, text] of Object.entries(app.env ?? {})) {
    if (/\$\{app\.(url|host)\}/.test(text)) add("app url", `env.${name}`, name);
  }
  const names = [...app.variables.map(({ name }) => name), ...Object.keys(app.env ?? {})];
  for (const name of names) if (!/^\w+$/.test(name)) add("odd name", `env.${name}`, name);
  return needs;
}
