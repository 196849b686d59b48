import type { Build, Job, Resource } from "../../../app.ts";
import { type Component, mergeComponents } from "../../components.ts";
import type { Values } from "../../compose-interpolation.ts";
import { examples, readDotenv } from "../../dotenv.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp } from "../../format.ts";
import type { ImageKind } from "../../infer/known-images.ts";
import { resource } from "../../resources.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { get, kindOf, type ObjectTree, type Tree } from "../../syntax/tree.ts";
import { parseYaml } from "../../syntax/yaml.ts";
import {
  activeServices,
  aliases,
  awaitedJobs,
  hasConfiguration,
  isOneOff,
  kindOfService,
  mountsSource,
  nameOf,
  speaksFastCgi,
} from "./classify.ts";
import { type Environment, envOf } from "./env.ts";
import { buildOf, serviceOf } from "./service.ts";

const isEnvFile = (path: string): boolean => /^([\w.-]+\/){0,2}[\w.-]*\.?env(\.[\w.-]+)?$/.test(path);
const isDockerfile = (path: string): boolean => /^([\w.-]+\/){0,3}Dockerfile[\w.-]*$/.test(path);

/** A Docker Compose file of any version. */
export const compose: ManifestFormat = {
  id: "compose",
  kind: "manifest",
  find: firstOf("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"),
  alsoReads: (list) => [...examples, ...list.filter(isEnvFile).slice(0, 20), ...list.filter(isDockerfile).slice(0, 20)],
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

function appOf(root: ObjectTree, report: Diagnostics, files: Files): PartialApp {
  const values = valuesOf(files);
  if (get(root, "include")) report.remark(get(root, "include") ?? null, "Files that are included are not read.");
  const scope: Environment = { hosts: new Map(), omitted: new Set(), services: new Map(), values, files, report };
  const resources: Resource[] = [];
  const apps: [string, Tree, ImageKind][] = [];
  for (const [key, { key: place, value }] of activeServices(root, values, report)) {
    const kind = kindOfService(key, value, values);
    if (kind.kind === "tool") {
      report.remark(place, `\`${short(key)}\` is left out: ${kind.reason}.`);
      scope.omitted.add(key);
    } else if (kind.kind === "resource") {
      const { type, version, extensions } = kind;
      const options = extensions ? { options: { extensions } } : {};
      const created = resource(type, resources, { name: nameOf(key), version, env: {}, ...options });
      resources.push(created);
      for (const host of [key, ...aliases(value)]) scope.hosts.set(host, created.name);
    } else apps.push([key, value, kind]);
  }
  const proxies = apps.filter(([, value, { kind }]) => kind === "proxy" && apps.length > 1 && hasConfiguration(value));
  const fastCgi = apps.filter(([, value]) => speaksFastCgi(value, files, values)).map(([key]) => key);
  if (fastCgi.length > 0 && proxies.length > 0) {
    const [[web = "", place] = []] = proxies;
    const message = `\`${short(fastCgi[0] ?? "")}\` speaks FastCGI and not HTTP, so \`${short(web)}\` stays in front of it.`;
    report.remark(place ?? null, message, "Build an image of it that holds its configuration.");
    return withApps(apps, resources, scope);
  }
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

function withApps(
  apps: readonly [string, Tree, ImageKind][],
  resources: readonly Resource[],
  scope: Environment,
): PartialApp {
  const { report, values, files } = scope;
  const oneOffs = new Set([
    ...apps.flatMap(([, value]) => awaitedJobs(value)),
    ...apps.filter(([key, value]) => apps.length > 1 && isOneOff(key, value)).map(([key]) => key),
  ]);
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

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function reportUnknownImage(name: string, service: Tree, report: Diagnostics): void {
  const image = get(service, "image");
  const message = image
    ? `Which image \`${short(name)}\` runs is known to nobody but a \`.env\` that is not here.`
    : `\`${short(name)}\` has neither an image nor a build.`;
  const fix = image ? "Give it a default: `${TAG:-latest}`." : "Write `image:` or `build:`.";
  report.problem(image ?? service, message, fix);
}

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
