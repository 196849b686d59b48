import type { Build, Resource, Variable } from "../app.ts";
import type { PartialApp, ServicePart } from "./format.ts";
import { isEnvName, type VariableDeclaration, variable } from "./infer/variable.ts";
import { defaultEnv } from "./resources.ts";
import { type Diagnostics, short } from "./syntax/diagnostics.ts";
import type { Place } from "./syntax/tree.ts";

/** Where the value of a variable comes from. */
export type VariableSource =
  | { kind: "ask"; asked: VariableDeclaration }
  /** A resource tells it: `text` holds `${url}` and its kin. */
  | { kind: "fill"; resource: string; text: string }
  /** Nobody is asked: `text` may hold `${app.url}` or `${service.NAME.host}`. */
  | { kind: "fixed"; text: string };

export interface Component {
  service: ServicePart;
  /** What it is built from; absent when it is the app's build. */
  build?: Build;
  env: Map<string, VariableSource>;
  where: Place;
}

/**
 * Services that each have variables of their own, as one app: a variable has one value for all of them, except where
 * one service says otherwise. The app is built as its first public service is.
 */
export function mergeComponents(
  components: readonly Component[],
  resources: readonly Resource[],
  report: Diagnostics,
): PartialApp {
  const open = components.filter(({ service }) => service.public);
  const first = open.find(({ build }) => build?.kind !== "image") ?? open[0] ?? components[0];
  const ordered = first ? [first, ...components.filter((one) => one !== first)] : [];
  const filled = resources.map((one) => ({ ...one, env: { ...one.env } }));
  const asked = new Map<string, Variable>();
  const fixed = new Map<string, string>();
  const services: ServicePart[] = [];
  for (const { service, build, env, where } of ordered) {
    const own = new Map<string, string>();
    for (const [name, written] of env) {
      const given = toPeer(written, components);
      if (name === "PORT") {
        const port = given.kind === "ask" ? Number(given.asked.value) : Number.NaN;
        if (service.port === undefined && port > 0 && port < 65536) service.port = port;
        continue;
      }
      if (!isEnvName(name)) {
        report.remark(where, `\`${short(name)}\` cannot be the name of an environment variable, and is left out.`);
        continue;
      }
      const source = filled.find((one) => Object.hasOwn(one.env, name));
      if (given.kind === "fill") {
        const target = filled.find((one) => one.name === given.resource);
        if (!target) continue;
        if (source === undefined && !asked.has(name) && !fixed.has(name)) target.env[name] = given.text;
        else if (source !== target || source.env[name] !== given.text) clash(report, where, name, service.name);
      } else if (given.kind === "fixed") {
        if (source === undefined && !asked.has(name) && !fixed.has(name)) fixed.set(name, given.text);
        else if (fixed.get(name) !== given.text) own.set(name, given.text);
      } else if (source === undefined && !fixed.has(name)) {
        const known = asked.get(name);
        const fresh = variable(name, given.asked);
        // What only some services have, and the author has settled, is not for the others.
        const settled = fresh.default !== null && !fresh.secret && given.asked.required !== false;
        if (known === undefined && settled && !first?.env.has(name)) own.set(name, fresh.default ?? "");
        else if (known === undefined) asked.set(name, fresh);
        else if (fresh.default !== null && fresh.default !== known.default) {
          if (known.default === null && !known.generator) asked.set(name, fresh);
          else own.set(name, fresh.default);
        }
      }
    }
    const more = { ...(own.size > 0 ? { env: Object.fromEntries(own) } : {}) };
    const apart = build && !same(build, first?.build) ? { build } : {};
    services.push({ ...service, ...more, ...apart });
  }
  for (const one of filled) if (Object.keys(one.env).length === 0) one.env = unlisted(one, filled, asked, fixed);
  const inOrder = components.flatMap(({ service }) => services.find(({ name }) => name === service.name) ?? []);
  const part: PartialApp = { variables: [...asked.values()], resources: filled, whole: true, settled: true };
  if (inOrder.length > 0) part.services = inOrder;
  if (first?.build) part.build = first.build;
  if (fixed.size > 0) part.env = Object.fromEntries(fixed);
  return part;
}

/** `http://api:3000` where `api` is another service: no cloud calls it that, so its name there takes its place. */
function toPeer(given: VariableSource, components: readonly Component[]): VariableSource {
  const value = given.kind === "ask" ? given.asked.value : undefined;
  const [, head, host, tail] =
    /^([a-z][a-z0-9+.-]*:\/\/(?:[^\s@/]*@)?)([\w.-]+)((?:[:/?]\S*)?)$/i.exec(value ?? "") ?? [];
  if (host === undefined || !components.some(({ service }) => service.name === host)) return given;
  return { kind: "fixed", text: `${head}\${service.${host}.host}${tail}` };
}

/** What a resource fills that no service mentions, unless something else fills it. */
function unlisted(
  { type }: Resource,
  all: readonly Resource[],
  ...taken: ReadonlyMap<string, unknown>[]
): Record<string, string> {
  const free = ([name]: [string, string]) =>
    !taken.some((names) => names.has(name)) && !all.some(({ env }) => Object.hasOwn(env, name));
  return Object.fromEntries(Object.entries(defaultEnv(type)).filter(free));
}

const same = (a: Build, b: Build | undefined): boolean => JSON.stringify(a) === JSON.stringify(b);

function clash(report: Diagnostics, where: Place, name: string, service: string): void {
  report.remark(where, `\`${short(name)}\` of \`${short(service)}\` takes the value it has in the service before.`);
}

/** The build of an image's name. */
export const fromImage = (image: string): Build => ({ kind: "image", image });

/** A path inside the repository, as our builds write it; one that leads out of it is the repository itself. */
export function inside(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return ".";
    } else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/") || ".";
}
