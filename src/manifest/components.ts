import type { Build, Resource, Variable } from "../app.ts";
import type { PartialApp, ServicePart } from "./format.ts";
import { describeVariable, isEnvName, type VariableDeclaration } from "./infer/variable.ts";
import { defaultEnv } from "./resources.ts";
import { type Diagnostics, short } from "./syntax/diagnostics.ts";
import type { Place } from "./syntax/tree.ts";

/** Source of a variable's value. */
export type VariableSource =
  | { kind: "ask"; declaration: VariableDeclaration }
  /** An output of a resource: `text` contains `${url}` or the like. */
  | { kind: "fill"; resource: string; text: string }
  /** Fixed: `text` may contain `${app.url}` or `${service.NAME.host}`. */
  | { kind: "fixed"; text: string };

export interface Component {
  service: ServicePart;
  /** Absent if it shares the app's build. */
  build?: Build;
  env: Map<string, VariableSource>;
  where: Place;
}

/**
 * Merges services with variables of their own into one app: a variable has one value for all of them, unless
 * a service overrides it. The app's build is that of its first public service.
 */
export function mergeComponents(
  components: readonly Component[],
  resources: readonly Resource[],
  report: Diagnostics,
): PartialApp {
  const publicServices = components.filter(({ service }) => service.public);
  const first = publicServices.find(({ build }) => build?.kind !== "image") ?? publicServices[0] ?? components[0];
  const ordered = first ? [first, ...components.filter((component) => component !== first)] : [];
  const bound = resources.map((resource) => ({ ...resource, env: { ...resource.env } }));
  const variables = new Map<string, Variable>();
  const fixed = new Map<string, string>();
  const services: ServicePart[] = [];
  for (const { service, build, env, where } of ordered) {
    const serviceEnv = new Map<string, string>();
    for (const [name, raw] of env) {
      const source = toPeer(raw, components);
      if (name === "PORT") {
        const port = source.kind === "ask" ? Number(source.declaration.value) : Number.NaN;
        if (service.port === undefined && port > 0 && port < 65536) service.port = port;
        continue;
      }
      if (!isEnvName(name)) {
        report.remark(where, `\`${short(name)}\` cannot be the name of an environment variable, and is left out.`);
        continue;
      }
      const owner = bound.find((resource) => Object.hasOwn(resource.env, name));
      if (source.kind === "fill") {
        const target = bound.find((resource) => resource.name === source.resource);
        if (!target) continue;
        if (owner === undefined && !variables.has(name) && !fixed.has(name)) target.env[name] = source.text;
        else if (owner !== target || owner.env[name] !== source.text) remarkConflict(report, where, name, service.name);
      } else if (source.kind === "fixed") {
        if (owner === undefined && !variables.has(name) && !fixed.has(name)) fixed.set(name, source.text);
        else if (fixed.get(name) !== source.text) serviceEnv.set(name, source.text);
      } else if (owner === undefined && !fixed.has(name)) {
        const existing = variables.get(name);
        const { variable: declared, note } = describeVariable(name, source.declaration);
        if (note) report.remarkOnVariable(name, where, note.message, note.fix);
        // A default that only some services have does not apply to the others.
        const isSettled = declared.default !== null && !declared.secret && source.declaration.required !== false;
        if (existing === undefined && isSettled && !first?.env.has(name)) serviceEnv.set(name, declared.default ?? "");
        else if (existing === undefined) variables.set(name, declared);
        else if (declared.default !== null && declared.default !== existing.default) {
          if (existing.default === null && !existing.generator) variables.set(name, declared);
          else serviceEnv.set(name, declared.default);
        }
      }
    }
    const extra = { ...(serviceEnv.size > 0 ? { env: Object.fromEntries(serviceEnv) } : {}) };
    const ownBuild = build && !isSameBuild(build, first?.build) ? { build } : {};
    services.push({ ...service, ...extra, ...ownBuild });
  }
  for (const resource of bound)
    if (Object.keys(resource.env).length === 0) resource.env = unclaimedDefaults(resource, bound, variables, fixed);
  const inOrder = components.flatMap(({ service }) => services.find(({ name }) => name === service.name) ?? []);
  const part: PartialApp = { variables: [...variables.values()], resources: bound, isComplete: true, isFinal: true };
  if (inOrder.length > 0) part.services = inOrder;
  if (first?.build) part.build = first.build;
  if (fixed.size > 0) part.env = Object.fromEntries(fixed);
  return part;
}

/** Replaces the host in `http://api:3000`, where `api` is another service, with its host name on the cloud. */
function toPeer(source: VariableSource, components: readonly Component[]): VariableSource {
  const value = source.kind === "ask" ? source.declaration.value : undefined;
  const [, prefix, host, suffix] =
    /^([a-z][a-z0-9+.-]*:\/\/(?:[^\s@/]*@)?)([\w.-]+)((?:[:/?]\S*)?)$/i.exec(value ?? "") ?? [];
  if (host === undefined || !components.some(({ service }) => service.name === host)) return source;
  return { kind: "fixed", text: `${prefix}\${service.${host}.host}${suffix}` };
}

/** Returns the default variables of a resource that no service mentions, except those bound elsewhere. */
function unclaimedDefaults(
  { type }: Resource,
  all: readonly Resource[],
  ...taken: ReadonlyMap<string, unknown>[]
): Record<string, string> {
  const isFree = ([name]: [string, string]) =>
    !taken.some((names) => names.has(name)) && !all.some(({ env }) => Object.hasOwn(env, name));
  return Object.fromEntries(Object.entries(defaultEnv(type)).filter(isFree));
}

const isSameBuild = (a: Build, b: Build | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

function remarkConflict(report: Diagnostics, where: Place, name: string, service: string): void {
  report.remark(where, `\`${short(name)}\` of \`${short(service)}\` takes the value it has in the service before.`);
}

/** Returns the build that runs an image. */
export const fromImage = (image: string): Build => ({ kind: "image", image });

/** Normalizes a path inside the repository; a path that leaves it becomes the root. */
export function inside(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return ".";
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/") || ".";
}
