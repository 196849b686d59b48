import type { Build, Job, Resource } from "../../../app.ts";
import { type Component, mergeComponents } from "../../components.ts";
import { interpolate, type Values } from "../../compose-interpolation.ts";
import { examples, readDotenv } from "../../dotenv.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp } from "../../format.ts";
import { classifyImage, type ImageKind } from "../../infer/known-images.ts";
import { resource } from "../../resources.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { type Entry, entriesOf, get, itemsOf, kindOf, type ObjectTree, scalar, type Tree } from "../../syntax/tree.ts";
import { parseYaml } from "../../syntax/yaml.ts";
import { type Environment, envOf } from "./env.ts";
import { buildOf, serviceOf } from "./service.ts";

/** A Docker Compose file of any version. */
export const compose: ManifestFormat = {
  id: "compose",
  kind: "manifest",
  find: firstOf("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"),
  alsoReads: examples,
  read(report, files) {
    const root = parseYaml(report);
    if (root === null) return {};
    if (root.kind !== "object") {
      report.problem(root, `A compose file is an object, but this is ${kindOf(root)}.`, "Begin with `services:`.");
      return {};
    }
    return appOf(root, report, files);
  },
};

/** Returns the values for `${…}`: those of `.env`, or of an example of it. */
function valuesOf(files: Files): Values {
  const file = examples.find((name) => files.text.get(name));
  const lines = file === undefined ? [] : [...readDotenv(files.text.get(file) ?? "")];
  return new Map(lines.flatMap(([name, { value }]) => (value === "" ? [] : [[name, value] as const])));
}

/** Version 1 of the format has its services at the root. */
function servicesOf(root: ObjectTree): [string, Entry][] {
  const services = get(root, "services");
  if (services !== undefined) return entriesOf(services);
  return entriesOf(root).filter(([, { value }]) => get(value, "image") ?? get(value, "build"));
}

function appOf(root: ObjectTree, report: Diagnostics, files: Files): PartialApp {
  const values = valuesOf(files);
  if (get(root, "include")) report.remark(get(root, "include") ?? null, "Files that are included are not read.");
  const scope: Environment = { hosts: new Map(), omitted: new Set(), services: new Map(), values, files, report };
  const resources: Resource[] = [];
  const apps: [string, Tree, ImageKind][] = [];
  const profiled: string[] = [];
  for (const [key, { key: place, value }] of servicesOf(root)) {
    if (value.kind !== "object") {
      if (value.kind !== "null") report.remark(place, `\`${short(key)}\` is ${kindOf(value)}, and no service.`);
      continue;
    }
    if (get(value, "profiles")) {
      profiled.push(key);
      continue;
    }
    const kind = kindOfService(key, value, values);
    if (kind.kind === "tool") {
      report.remark(place, `\`${short(key)}\` is left out: ${kind.reason}.`);
      scope.omitted.add(key);
    } else if (kind.kind === "resource") {
      const name = nameOf(key);
      const created = resource(kind.type, resources, { name, version: kind.version, env: {} });
      resources.push(created);
      for (const host of [key, ...aliases(value)]) scope.hosts.set(host, created.name);
    } else apps.push([key, value, kind]);
  }
  if (profiled.length > 0) {
    const list = `${profiled
      .slice(0, 5)
      .map((name) => `\`${short(name)}\``)
      .join(", ")}${profiled.length > 5 ? ", …" : ""}`;
    report.remark(
      get(root, "services") ?? null,
      `Services of a profile are not started by default, and left out: ${list}.`,
    );
  }
  const proxies = apps.filter(([, value, { kind }]) => kind === "proxy" && apps.length > 1 && hasConfiguration(value));
  for (const [key, value] of proxies) {
    report.remark(value, `\`${short(key)}\` is left out: every cloud receives requests itself.`);
    scope.omitted.add(key);
  }
  return withApps(
    apps.filter((one) => !proxies.includes(one)),
    resources,
    scope,
  );
}

function kindOfService(name: string, value: Tree, values: Values): ImageKind {
  const command = scalar(get(value, "command")) ?? scalar(get(value, "entrypoint")) ?? "";
  if (/^(\/bin\/)?(true|echo)\b/.test(command)) return { kind: "tool", reason: "it only holds data for another one" };
  const build = get(value, "build");
  if (build === undefined) return classifyImage(interpolate(scalar(get(value, "image")) ?? "", values).text);
  // Recognizes a database built in the repository (`db: { build: ./docker/postgres }`) by name and folder.
  const folder = scalar(build) ?? scalar(get(build, "context")) ?? "";
  const guess = classifyImage(folder.split("/").at(-1) ?? "");
  return guess.kind === "resource" && /^(.*[-_])?(db|database|postgres|mysql|mariadb|mongo|redis|cache)$/.test(name)
    ? guess
    : { kind: "app" };
}

/** A configured proxy: its configuration names the service behind it. */
const hasConfiguration = (value: Tree): boolean =>
  get(value, "build") === undefined &&
  (itemsOf(get(value, "volumes")).length > 0 || itemsOf(get(value, "configs")).length > 0);

const nameOf = (key: string): string => key.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 60);

/** Returns the other network names of a service. */
function aliases(service: Tree): string[] {
  const networks = entriesOf(get(service, "networks")).flatMap(([, { value }]) => itemsOf(get(value, "aliases")));
  return [get(service, "container_name"), get(service, "hostname"), ...networks].flatMap((tree) => scalar(tree) ?? []);
}

function withApps(
  apps: readonly [string, Tree, ImageKind][],
  resources: readonly Resource[],
  scope: Environment,
): PartialApp {
  const { report, values, files } = scope;
  const oneOffs = new Set(apps.flatMap(([, value]) => awaitedJobs(value)));
  for (const [key] of apps) scope.services.set(key, nameOf(key));
  const builds = new Map<string, Build>();
  for (const [key, value] of apps) {
    const build = buildOf(value, values);
    if (build) builds.set(key, build);
    else if (!oneOffs.has(key)) reportUnknownImage(key, value, report);
  }
  const components: Component[] = [];
  const jobs: Job[] = [];
  for (const [key, value, { kind }] of apps) {
    const service = serviceOf(nameOf(key), value, { report, values, files });
    if (kind === "server") service.public = false;
    const build = builds.get(key);
    if (oneOffs.has(key) && (service.command || service.entrypoint)) {
      const { entrypoint = null, command = [] } = service;
      jobs.push({ name: service.name, entrypoint, command: command ?? [], when: "release", schedule: null });
      const shared = [...builds].some(([other, otherBuild]) => other !== key && isEqual(otherBuild, build));
      if (!shared) report.remark(value, `\`${short(key)}\` has an image of its own, but runs in the app's.`);
    } else components.push({ service, env: envOf(value, scope), where: value, ...(build ? { build } : {}) });
  }
  const source = apps.find(([, value]) => mountsSource(value));
  if (source && (files.list.includes("Procfile") || files.list.includes("heroku.yml"))) {
    report.problems.length = 0;
    report.remarks.length = 0;
    const message = "This file lays the source over the image, so it is for developing; only its databases are taken.";
    const { resources: used = [] } = mergeComponents(components, resources, report);
    report.remark(get(source[1], "volumes") ?? source[1], message);
    return used.length > 0 ? { resources: used } : {};
  }
  const servers = apps.filter(([, , { kind }]) => kind === "server").map(([key]) => nameOf(key));
  publishLikeliest(
    components.filter(({ service }) => !servers.includes(service.name)),
    report,
  );
  const part = mergeComponents(components, resources, report);
  if (jobs.length > 0) part.jobs = jobs;
  return part;
}

/** `.:/app`: the source is mounted over the image. */
const mountsSource = (service: Tree): boolean =>
  get(service, "build") !== undefined &&
  itemsOf(get(service, "volumes")).some((item) =>
    /^(\.\.?\/?|\.\/\.|\$\{?PWD\}?)(:|$)/.test(scalar(item) ?? scalar(get(item, "source")) ?? ""),
  );

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function reportUnknownImage(name: string, service: Tree, report: Diagnostics): void {
  const image = get(service, "image");
  const message = image
    ? `Which image \`${short(name)}\` runs is known to nobody but a \`.env\` that is not here.`
    : `\`${short(name)}\` has neither an image nor a build.`;
  const fix = image ? "Give it a default: `${TAG:-latest}`." : "Write `image:` or `build:`.";
  report.problem(image ?? service, message, fix);
}

/** Returns the services whose completion this one waits for. */
const awaitedJobs = (service: Tree): string[] =>
  entriesOf(get(service, "depends_on"))
    .filter(([, { value }]) => scalar(get(value, "condition")) === "service_completed_successfully")
    .map(([name]) => name);

/** Makes the likeliest service public if none publishes a port (a removed proxy did). */
function publishLikeliest(components: readonly Component[], report: Diagnostics): void {
  if (components.length === 0 || components.some(({ service }) => service.public)) return;
  const likely = ["web", "app", "server", "frontend", "www", "nginx"];
  const candidates = likely.map((name) => components.find(({ service }) => service.name.includes(name)));
  const likeliest =
    candidates.find((component) => component !== undefined) ??
    components.find(({ service }) => service.port) ??
    components[0];
  if (!likeliest) return;
  likeliest.service.public = true;
  const message = `No service publishes a port; \`${likeliest.service.name}\` is taken to be the one that faces the web.`;
  report.remark(likeliest.where, message, 'Write `ports: ["8080"]`.');
}
