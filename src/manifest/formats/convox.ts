import type { Job, Resource, ResourceType } from "../../app.ts";
import { type Component, fromImage, inside, mergeComponents, type VariableSource } from "../components.ts";
import { interpolate, type Values } from "../compose-interpolation.ts";
import { cronOf } from "../cron.ts";
import { firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../format.ts";
import { sizeFor } from "../infer/sizes.ts";
import { defaultEnv, resource } from "../resources.ts";
import { argsOrLine, splitArgs, splitPair } from "../shell.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, kindOf, scalar, type Tree } from "../syntax/tree.ts";
import { parseYaml } from "../syntax/yaml.ts";

/** Convox: services that list their resources, and timers. */
export const convox: ManifestFormat = {
  id: "convox.yml",
  kind: "manifest",
  find: firstOf("convox.yml", "convox.yaml"),
  read(report) {
    const root = parseYaml(report);
    if (root === null) return {};
    if (root.kind !== "object") {
      report.problem(root, `A convox.yml is an object, but this is ${kindOf(root)}.`, "Begin with `services:`.");
      return {};
    }
    const resources: Resource[] = [];
    for (const [name, { key, value }] of entriesOf(get(root, "resources")))
      addResource(name, key, value, resources, report);
    const shared = itemsOf(get(root, "environment"));
    const components: Component[] = [];
    for (const [name, { value }] of entriesOf(get(root, "services"))) {
      const env = envOf([...shared, ...itemsOf(get(value, "environment"))]);
      const image = scalar(get(value, "image"));
      components.push({
        service: serviceOf(name, value, valuesOf(env)),
        build: image ? fromImage(image) : buildOf(value),
        env,
        where: value,
      });
    }
    const part: PartialApp = mergeComponents(components, resources, report);
    const jobs = jobsOf(get(root, "timers"), report);
    if (jobs.length > 0) part.jobs = jobs;
    return part;
  },
};

const resourceTypes: Record<string, ResourceType> = {
  postgres: "postgres",
  mysql: "mysql",
  mariadb: "mysql",
  redis: "redis",
  valkey: "redis",
  memcached: "memcached",
};

function addResource(
  name: string,
  key: Parameters<Diagnostics["remark"]>[0],
  tree: Tree,
  resources: Resource[],
  report: Diagnostics,
): void {
  const kind =
    scalar(get(tree, "type"))
      ?.toLowerCase()
      .replace(/^(rds|elasticache)-/, "") ?? "";
  const type = Object.hasOwn(resourceTypes, kind) ? resourceTypes[kind] : undefined;
  if (type === undefined) {
    report.remark(key, `No cloud here manages \`${short(kind)}\`, so nothing takes the place of \`${short(name)}\`.`);
    return;
  }
  const options = get(tree, "options");
  const storage = Number(scalar(get(options, "storage")));
  const ha = scalar(get(options, "durable")) === "true";
  const resourceOptions = { ...(storage > 0 ? { storage } : {}), ...(ha ? { ha } : {}) };
  // Convox prefixes the variables of a resource with its name: DATABASE_URL, DATABASE_HOST, …
  const prefix = name.toUpperCase().replace(/[^A-Z0-9]+/g, "_");
  const env = type === "memcached" ? { [`${prefix}_URL`]: "${host}:${port}" } : { [`${prefix}_URL`]: "${url}" };
  const version = scalar(get(options, "version")) ?? null;
  const extra = Object.keys(resourceOptions).length > 0 ? { options: resourceOptions } : {};
  resources.push(resource(type, resources, { name, version, env: prefix === "" ? defaultEnv(type) : env, ...extra }));
}

function serviceOf(name: string, tree: Tree, values: Values): ServicePart {
  const text = (raw: string) => interpolate(raw, values).text;
  // `port` is the load balancer's; `ports` are for other services only.
  const published = get(tree, "port");
  const ports = published ?? get(tree, "ports");
  const rawPort = text(scalar(ports) ?? scalar(get(ports, "port")) ?? scalar(itemsOf(ports)[0]) ?? "");
  const port = Number(rawPort.split(":").at(-1));
  const internal = scalar(get(tree, "internal")) === "true";
  const service: ServicePart = { name, public: published !== undefined && port > 0 && !internal };
  const volumes = itemsOf(get(tree, "volumes")).flatMap((item, index) => {
    const mount =
      text(scalar(item) ?? "")
        .split(":")
        .at(-1) ?? "";
    return mount.startsWith("/") ? [{ name: `${name}-${index === 0 ? "data" : index + 1}`, mount, size: 10 }] : [];
  });
  if (volumes.length > 0) service.volumes = volumes;
  if (port > 0 && port < 65536) service.port = port;
  const command = scalar(get(tree, "command"))?.trim();
  if (command) service.command = argsOrLine(command);
  const entrypoint = get(tree, "entrypoint");
  const program = itemsOf(entrypoint).flatMap((item) => scalar(item) ?? []);
  if (program.length > 0) service.entrypoint = program;
  else if (scalar(entrypoint)) service.entrypoint = splitArgs(scalar(entrypoint) ?? "");
  const health = scalar(get(tree, "health")) ?? scalar(get(get(tree, "health"), "path"));
  const grace = Number(scalar(get(get(tree, "health"), "grace")));
  if (health?.startsWith("/")) service.health = { path: health, ...(grace > 0 ? { grace } : {}) };
  const scale = get(tree, "scale");
  const count = scalar(get(scale, "count")) ?? scalar(scale) ?? "1";
  const [min = 1, max = min] = count.split("-").map(Number);
  if (min >= 0 && max >= min && max < 1000) service.scale = { min, max };
  const memory = Number(scalar(get(scale, "memory")));
  const cpu = Number(scalar(get(scale, "cpu")));
  if (memory > 0 || cpu > 0) service.size = sizeFor(memory > 0 ? memory : undefined, cpu > 0 ? cpu / 1000 : undefined);
  return service;
}

function buildOf(tree: Tree): Component["build"] {
  const build = get(tree, "build");
  const context = inside(scalar(build) ?? scalar(get(build, "path")) ?? ".");
  const manifest = inside(scalar(get(build, "manifest")) ?? "Dockerfile");
  return { kind: "dockerfile", dockerfile: context === "." ? manifest : `${context}/${manifest}`, context };
}

/** Returns the defaults that `${NAME}` in other keys stands for. */
const valuesOf = (env: ReadonlyMap<string, VariableSource>): Values =>
  new Map(
    [...env].flatMap(([name, source]) =>
      source.kind === "ask" && source.declaration.value ? [[name, source.declaration.value] as const] : [],
    ),
  );

/** `KEY` is required, `KEY=` is optional, `KEY=value` has a default. */
function envOf(items: readonly Tree[]): Map<string, VariableSource> {
  const env = new Map<string, VariableSource>();
  for (const item of items) {
    const [name, value] = splitPair(scalar(item) ?? "") ?? [];
    if (name !== undefined) env.set(name, { kind: "ask", declaration: { value, required: value !== "" } });
  }
  return env;
}

function jobsOf(timers: Tree | undefined, report: Diagnostics): Job[] {
  return entriesOf(timers).flatMap(([name, { key, value }]) => {
    const command = scalar(get(value, "command"))?.trim();
    const schedule = cronOf(scalar(get(value, "schedule"))?.replaceAll("?", "*") ?? "");
    if (command && schedule) return [{ name, entrypoint: null, command, when: "schedule" as const, schedule }];
    report.remark(key, `The timer \`${short(name)}\` needs a command and a schedule of five fields; it is left out.`);
    return [];
  });
}
