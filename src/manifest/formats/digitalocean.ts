import type { Build, Job, Resource, ResourceType } from "../../app.ts";
import { type Component, fromImage, inside, mergeComponents } from "../components.ts";
import { foreignRepositories } from "../foreign-repository.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../format.ts";
import { languageOf } from "../infer/languages.ts";
import { sizeFor } from "../infer/sizes.ts";
import { resource } from "../resources.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { get, itemsOf, kindOf, scalar, type Tree } from "../syntax/tree.ts";
import { parseYaml } from "../syntax/yaml.ts";
import { envOf } from "./digitalocean-env.ts";

/** DigitalOcean's App Platform: an app spec, or a template that wraps one in `spec`. */
export const digitalocean: ManifestFormat = {
  id: "app spec",
  kind: "manifest",
  find: firstOf(".do/deploy.template.yaml", ".do/deploy.template.yml", ".do/app.yaml", ".do/app.yml"),
  read(report, files) {
    const root = parseYaml(report);
    if (root === null) return {};
    const spec = get(root, "spec") ?? root;
    if (spec.kind !== "object") {
      report.problem(spec, `An app spec is an object, but this is ${kindOf(spec)}.`, "Begin with `spec:`.");
      return {};
    }
    return appOf(spec, report, files);
  },
};

const engines: Record<string, ResourceType> = {
  PG: "postgres",
  MYSQL: "mysql",
  REDIS: "redis",
  VALKEY: "redis",
  MONGODB: "mongodb",
};

function appOf(spec: Tree, report: Diagnostics, files: Files): PartialApp {
  const resources: Resource[] = [];
  for (const item of itemsOf(get(spec, "databases"))) {
    const engine = (scalar(get(item, "engine")) ?? "PG").toUpperCase();
    const type = Object.hasOwn(engines, engine) ? engines[engine] : undefined;
    const name = scalar(get(item, "name")) ?? "db";
    if (type)
      resources.push(resource(type, resources, { name, version: scalar(get(item, "version")) ?? null, env: {} }));
    else
      report.remark(item, `No cloud here manages ${short(engine)}, so nothing takes the place of \`${short(name)}\`.`);
  }
  for (const key of ["functions", "domains"]) {
    if (itemsOf(get(spec, key)).length > 0) report.remark(get(spec, key) ?? null, `\`${key}\` are not carried over.`);
  }
  const shared = itemsOf(get(spec, "envs"));
  const components: Component[] = [];
  const jobs: Job[] = [];
  const kinds = ["services", "static_sites", "workers", "jobs"] as const;
  const foreignOf = foreignRepositories(
    kinds.flatMap((kind) => itemsOf(get(spec, kind)).map(locationOf)),
    files,
  );
  for (const kind of kinds) {
    for (const item of itemsOf(get(spec, kind))) {
      const name = scalar(get(item, "name")) ?? kind.replace(/s$/, "");
      const foreign = foreignOf(locationOf(item));
      if (foreign !== null) {
        report.remark(
          item,
          `\`${short(name)}\` is built from another repository, \`${short(foreign)}\`, and is left out.`,
        );
        continue;
      }
      const env = envOf([...shared, ...itemsOf(get(item, "envs"))], resources, report);
      const build = buildOf(item, kind === "static_sites", files, report);
      if (kind === "jobs") jobs.push(...jobOf(name, item, report));
      else components.push({ service: serviceOf(name, kind, item), env, where: item, ...(build ? { build } : {}) });
    }
  }
  const part = mergeComponents(components, resources, report);
  const name = scalar(get(spec, "name"));
  if (name) part.name = name;
  if (jobs.length > 0) part.jobs = jobs;
  return part;
}

const locationOf = (item: Tree): string | undefined =>
  scalar(get(get(item, "git"), "repo_clone_url")) ?? scalar(get(get(item, "github"), "repo"));

function serviceOf(name: string, kind: "services" | "static_sites" | "workers", item: Tree): ServicePart {
  const isPublic = kind !== "workers" && get(item, "internal_ports") === undefined;
  const service: ServicePart = { name, public: isPublic };
  const command = scalar(get(item, "run_command"));
  if (command) service.command = command.trim();
  const port = Number(scalar(get(item, "http_port")) ?? scalar(itemsOf(get(item, "internal_ports"))[0]));
  if (port > 0 && port < 65536) service.port = port;
  const slug = scalar(get(item, "instance_size_slug"));
  if (slug) service.size = sizeOf(slug);
  const count = Number(scalar(get(item, "instance_count")) ?? 1);
  const scaling = get(item, "autoscaling");
  const min = Number(scalar(get(scaling, "min_instance_count")) ?? count);
  const max = Number(scalar(get(scaling, "max_instance_count")) ?? min);
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 0 && max >= min) service.scale = { min, max };
  const check = get(item, "health_check");
  const path = scalar(get(check, "http_path"));
  const grace = Number(scalar(get(check, "initial_delay_seconds")));
  const timeout = Number(scalar(get(check, "timeout_seconds")));
  if (path?.startsWith("/"))
    service.health = { path, ...(grace > 0 ? { grace } : {}), ...(timeout > 0 ? { timeout } : {}) };
  return service;
}

/** Four generations of names: `basic-xxs`, `professional-xs`, `apps-s-1vcpu-1gb`, `apps-d-2vcpu-4gb`. */
function sizeOf(slug: string): ServicePart["size"] {
  const [, cpus, memory] = /\b(\d{1,3})vcpu-([\d.]{1,6})gb/.exec(slug) ?? [];
  if (cpus !== undefined) return sizeFor(Number(memory) * 1024, Number(cpus));
  const suffix = /-(xxs|xs|s|m|l|xl)$/.exec(slug)?.[1];
  return suffix === "s" ? "M" : suffix === "m" ? "L" : suffix === "l" || suffix === "xl" ? "XL" : "S";
}

function buildOf(item: Tree, isStaticSite: boolean, files: Files, report: Diagnostics): Build | undefined {
  const image = get(item, "image");
  if (image?.kind === "object") {
    const host =
      { GHCR: "ghcr.io/", DOCR: "registry.digitalocean.com/" }[scalar(get(image, "registry_type")) ?? ""] ?? "";
    const owner = scalar(get(image, "registry"));
    const tag = scalar(get(image, "digest"))
      ? `@${scalar(get(image, "digest"))}`
      : `:${scalar(get(image, "tag")) ?? "latest"}`;
    return fromImage(`${host}${owner ? `${owner}/` : ""}${scalar(get(image, "repository")) ?? ""}${tag}`);
  }
  const folder = inside(scalar(get(item, "source_dir")) ?? ".");
  const dockerfile = scalar(get(item, "dockerfile_path"));
  if (dockerfile) return { kind: "dockerfile", dockerfile: inside(dockerfile), context: folder };
  const command = scalar(get(item, "build_command")) ?? null;
  if (isStaticSite) {
    // Without a build the files of the folder itself are served.
    const output = scalar(get(item, "output_dir")) ?? (command === null ? "." : "public");
    return { kind: "command", command, publish: inside(`${folder}/${output}`) };
  }
  if (folder !== ".") {
    const message = `The code of this component is in \`${short(folder)}\`; deploy that folder (\`?path=\`) by itself.`;
    report.remark(get(item, "source_dir") ?? item, message);
  }
  if (command)
    report.remark(
      get(item, "build_command") ?? item,
      "Buildpacks build it; this command is not run.",
      "Put it where the buildpack looks, such as the `build` script.",
    );
  if (folder === "." && files.list.includes("Dockerfile") && !scalar(get(item, "environment_slug"))) {
    return { kind: "dockerfile", dockerfile: "Dockerfile", context: "." };
  }
  return { kind: "buildpacks", builder: null, buildpacks: [], language: languageOf(files.list) };
}

function jobOf(name: string, item: Tree, report: Diagnostics): Job[] {
  const command = scalar(get(item, "run_command"))?.trim();
  const kind = scalar(get(item, "kind")) ?? "POST_DEPLOY";
  if (!command) report.remark(item, `The job \`${short(name)}\` has no \`run_command\`, and is left out.`);
  else if (kind === "FAILED_DEPLOY")
    report.remark(item, `The job \`${short(name)}\` runs when a deployment fails, and is left out.`);
  if (!command || kind === "FAILED_DEPLOY") return [];
  if (kind === "POST_DEPLOY")
    report.remark(item, `The job \`${short(name)}\` runs before a version goes live, not behind it.`);
  return [{ name, entrypoint: null, command, when: "release", schedule: null }];
}
