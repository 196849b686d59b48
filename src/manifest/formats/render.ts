import type { Build, Command, Job } from "../../app.ts";
import { closestMatch } from "../closest-match.ts";
import { type Component, fromImage, inside, mergeComponents } from "../components.ts";
import { cronOf } from "../cron.ts";
import { foreignRepositories } from "../foreign-repository.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../format.ts";
import { languageOf } from "../infer/languages.ts";
import { resource } from "../resources.ts";
import { argsOrLine } from "../shell.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { get, itemsOf, kindOf, scalar, type Tree } from "../syntax/tree.ts";
import { parseYaml } from "../syntax/yaml.ts";
import { type BlueprintScope, envOf } from "./render-env.ts";

/** Render's blueprint, with its projects and environments. */
export const render: ManifestFormat = {
  id: "render.yaml",
  kind: "manifest",
  find: firstOf("render.yaml", "render.yml"),
  read(report, files) {
    const root = parseYaml(report);
    if (root === null) return {};
    if (root.kind !== "object") {
      report.problem(root, `A blueprint is an object, but this is ${kindOf(root)}.`, "Begin with `services:`.");
      return {};
    }
    return appOf(serviceLists(root, report), report, files);
  },
};

/** Returns the places that list services: the root, `ungrouped`, and one environment of the projects. */
function serviceLists(root: Tree, report: Diagnostics): Tree[] {
  const environments = itemsOf(get(root, "projects")).flatMap((project) => itemsOf(get(project, "environments")));
  const selected =
    environments.find((environment) => /^prod/i.test(scalar(get(environment, "name")) ?? "")) ?? environments[0];
  if (environments.length > 1 && selected) {
    const name = short(scalar(get(selected, "name")) ?? "the first one");
    report.remark(selected, `Of the environments, \`${name}\` is deployed.`);
  }
  return [root, get(root, "ungrouped"), selected].filter((tree) => tree !== undefined);
}

const serviceTypes = ["web", "worker", "pserv", "cron", "keyvalue", "redis", "static"];

interface BlueprintParts extends BlueprintScope {
  components: Component[];
  jobs: Job[];
  foreignOf: ReturnType<typeof foreignRepositories>;
}

function appOf(trees: readonly Tree[], report: Diagnostics, files: Files): PartialApp {
  const itemsAt = (key: string) => trees.flatMap((tree) => itemsOf(get(tree, key)));
  const parts: BlueprintParts = {
    resources: [],
    components: [],
    jobs: [],
    groups: new Map(),
    services: new Map(),
    primary: null,
    shared: new Set(),
    foreignOf: foreignRepositories(
      itemsAt("services")
        .filter((item) => !isStore(item))
        .map((item) => scalar(get(item, "repo"))),
      files,
    ),
  };
  for (const item of itemsAt("databases")) {
    const version = scalar(get(item, "postgresMajorVersion")) ?? null;
    const ha = scalar(get(get(item, "highAvailability"), "enabled")) === "true";
    const storage = Number(scalar(get(item, "diskSizeGB")));
    const options = { ...(ha ? { ha } : {}), ...(storage > 0 ? { storage } : {}) };
    const extra = Object.keys(options).length > 0 ? { options } : {};
    const name = scalar(get(item, "name")) ?? "database";
    parts.resources.push(resource("postgres", parts.resources, { name, version, env: {}, ...extra }));
    if (get(item, "readReplicas")) report.remark(get(item, "readReplicas") ?? null, "Read replicas are not created.");
  }
  for (const group of itemsAt("envVarGroups")) {
    parts.groups.set(scalar(get(group, "name")) ?? "", itemsOf(get(group, "envVars")));
  }
  const services = itemsAt("services");
  for (const item of services) {
    if (!isStore(item)) continue;
    const name = scalar(get(item, "name")) ?? "redis";
    const eviction = scalar(get(item, "maxmemoryPolicy"));
    const extra = eviction ? { options: { eviction } } : {};
    parts.resources.push(resource("redis", parts.resources, { name, env: {}, ...extra }));
  }
  const apps = services.filter((item) => !isStore(item));
  for (const item of apps) parts.services.set(scalar(get(item, "name")) ?? typeOf(item), itemsOf(get(item, "envVars")));
  parts.primary =
    scalar(
      get(
        apps.find((item) => typeOf(item) === "web"),
        "name",
      ),
    ) ?? null;
  for (const item of apps.flatMap((app) => itemsOf(get(app, "envVars")))) {
    const from = get(item, "fromService");
    const key = scalar(get(from, "envVarKey"));
    if (key !== undefined && key !== scalar(get(item, "key"))) parts.shared.add(`${scalar(get(from, "name"))}.${key}`);
  }
  for (const item of apps) addService(item, parts, report, files);
  const part = mergeComponents(parts.components, parts.resources, report);
  if (parts.jobs.length > 0) part.jobs = parts.jobs;
  return part;
}

const typeOf = (item: Tree): string => scalar(get(item, "type"))?.toLowerCase() ?? "web";

/** A key-value store, or the older form: a private service built from a repository named redis. */
const isStore = (item: Tree): boolean =>
  ["keyvalue", "redis"].includes(typeOf(item)) ||
  (typeOf(item) === "pserv" && /\/(redis|valkey)(\.git)?\/?$/.test(scalar(get(item, "repo")) ?? ""));

function addService(item: Tree, parts: BlueprintParts, report: Diagnostics, files: Files): void {
  const type = typeOf(item);
  const name = scalar(get(item, "name")) ?? type;
  const foreign = parts.foreignOf(scalar(get(item, "repo")));
  if (foreign !== null) {
    report.remark(item, `\`${short(name)}\` is built from another repository, \`${short(foreign)}\`, and is left out.`);
    return;
  }
  if (!serviceTypes.includes(type)) {
    const match = closestMatch(type, serviceTypes);
    const fix = match ? `Did you mean \`${match}\`?` : "Write `web`, `worker`, `pserv` or `cron`.";
    report.remark(get(item, "type") ?? item, `\`${short(type)}\` is no type of service; it is taken as \`web\`.`, fix);
  }
  const command = commandOf(item);
  const release = scalar(get(item, "preDeployCommand"))?.trim();
  if (release)
    parts.jobs.push({ name: `${name}-release`, entrypoint: null, command: release, when: "release", schedule: null });
  const first = scalar(get(item, "initialDeployHook"))?.trim();
  if (first)
    parts.jobs.push({ name: `${name}-first`, entrypoint: null, command: first, when: "first", schedule: null });
  const env = envOf(itemsOf(get(item, "envVars")), name, parts, report);
  const build = buildOf(item, report, files);
  if (type === "cron") {
    const schedule = cronOf(scalar(get(item, "schedule")) ?? "");
    if (schedule && command) parts.jobs.push({ name, entrypoint: null, command, when: "schedule", schedule });
    else report.remark(item, `The cron job \`${short(name)}\` needs a command and a schedule; it is left out.`);
    return;
  }
  parts.components.push({ service: serviceOf(item, name, type, command), build, env, where: item });
}

/** Returns the port that a service's own PORT variable sets. */
function portIn(envVars: readonly Tree[]): number | undefined {
  const port = Number(
    scalar(
      get(
        envVars.find((item) => scalar(get(item, "key")) === "PORT"),
        "value",
      ),
    ),
  );
  return port > 0 && port < 65536 ? port : undefined;
}

/** A start command runs in a shell; `dockerCommand` replaces the CMD of an image. */
function commandOf(item: Tree): Command | undefined {
  const line = scalar(get(item, "startCommand"))?.trim();
  if (line) return line;
  const docker = scalar(get(item, "dockerCommand"))?.trim();
  return docker ? argsOrLine(docker) : undefined;
}

function serviceOf(item: Tree, name: string, type: string, command: Command | undefined): ServicePart {
  const service: ServicePart = { name, public: type !== "worker" && type !== "pserv" };
  if (command) service.command = command;
  // https://render.com/docs/private-services: 10000 unless PORT says otherwise (2026-11-28)
  if (type === "pserv") service.port = portIn(itemsOf(get(item, "envVars"))) ?? 10_000;
  const plan = scalar(get(item, "plan"))?.toLowerCase() ?? "";
  service.size = /ultra|max|plus/.test(plan) ? "XL" : /^pro/.test(plan) ? "L" : plan === "standard" ? "M" : "S";
  const count = Number(scalar(get(item, "numInstances")) ?? 1);
  const min = Number(scalar(get(get(item, "scaling"), "minInstances")) ?? count);
  const max = Number(scalar(get(get(item, "scaling"), "maxInstances")) ?? min);
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 0 && max >= min) service.scale = { min, max };
  const health = scalar(get(item, "healthCheckPath"));
  if (health?.startsWith("/")) service.health = { path: health };
  const disk = get(item, "disk");
  const mount = scalar(get(disk, "mountPath"));
  const size = Number(scalar(get(disk, "sizeGB")) ?? 10);
  if (mount) service.volumes = [{ name: scalar(get(disk, "name")) ?? "disk", mount, size: size > 0 ? size : 10 }];
  return service;
}

function buildOf(item: Tree, report: Diagnostics, files: Files): Build {
  const runtime = (scalar(get(item, "runtime")) ?? scalar(get(item, "env")) ?? "").toLowerCase();
  const image = scalar(get(get(item, "image"), "url"));
  if (image) return fromImage(image);
  const folder = inside(scalar(get(item, "rootDir")) ?? ".");
  const command = scalar(get(item, "buildCommand"))?.trim() || null;
  if (runtime === "static" || typeOf(item) === "static" || scalar(get(item, "staticPublishPath"))) {
    return {
      kind: "command",
      command,
      publish: inside(`${folder}/${scalar(get(item, "staticPublishPath")) ?? "public"}`),
    };
  }
  if (runtime === "docker") {
    // Both paths are relative to rootDir.
    const dockerfile = inside(`${folder}/${scalar(get(item, "dockerfilePath")) ?? "Dockerfile"}`);
    return {
      kind: "dockerfile",
      dockerfile,
      context: inside(`${folder}/${scalar(get(item, "dockerContext")) ?? "."}`),
    };
  }
  if (folder !== ".") {
    const message = `The code of this service is in \`${short(folder)}\`; deploy that folder (\`?path=\`) by itself.`;
    report.remark(get(item, "rootDir") ?? item, message);
  }
  if (command && !/^(npm|yarn|pnpm|bundle|pip3?|mix|go|cargo)\b[^&;|]*(install|ci|i|build|deps\.get)?$/.test(command)) {
    const fix = "Put it where the buildpack looks, such as the `build` script.";
    report.remark(get(item, "buildCommand") ?? item, "Buildpacks build it; this command is not run.", fix);
  }
  return { kind: "buildpacks", builder: null, buildpacks: [], language: languageOf(files.list) ?? (runtime || null) };
}
