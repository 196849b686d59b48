import type { Build, Job, Resource, ResourceType } from "../../app.ts";
import { type Component, fromImage, inside, mergeComponents, type VariableSource } from "../components.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../format.ts";
import { languageOf } from "../infer/languages.ts";
import { sizeFor } from "../infer/sizes.ts";
import { isSecret } from "../infer/variable.ts";
import { resource } from "../resources.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { get, itemsOf, kindOf, scalar, type Tree } from "../syntax/tree.ts";
import { parseYaml } from "../syntax/yaml.ts";

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
  for (const kind of ["services", "static_sites", "workers", "jobs"] as const) {
    for (const item of itemsOf(get(spec, kind))) {
      const name = scalar(get(item, "name")) ?? kind.replace(/s$/, "");
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
  if (Number.isInteger(min) && Number.isInteger(max) && min >= 1 && max >= min) service.scale = { min, max };
  const path = scalar(get(get(item, "health_check"), "http_path"));
  if (path?.startsWith("/")) service.health = { path };
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
  if (isStaticSite) return { kind: "command", command, publish: inside(scalar(get(item, "output_dir")) ?? "public") };
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

function envOf(
  items: readonly Tree[],
  resources: readonly Resource[],
  report: Diagnostics,
): Map<string, VariableSource> {
  const env = new Map<string, VariableSource>();
  for (const item of items) {
    const name = scalar(get(item, "key"));
    if (name === undefined) {
      report.remark(item, "This variable has no `key`, and is passed over.", "Write `key: NAME`.");
      continue;
    }
    if (scalar(get(item, "scope")) === "BUILD_TIME") {
      report.remark(item, `\`${short(name)}\` is for building only; it is set while the app runs as well.`);
    }
    const value = scalar(get(item, "value"));
    const secret = scalar(get(item, "type")) === "SECRET" || isSecret(name, value);
    env.set(name, sourceOf(name, value, secret, resources));
  }
  return env;
}

const fields: Record<string, string> = {
  DATABASE_URL: "url",
  HOSTNAME: "host",
  PORT: "port",
  DATABASE: "name",
  USERNAME: "username",
  PASSWORD: "password",
  REDIS_URL: "url",
};

/** Missing values are asked for, empty ones are optional, `${db.DATABASE_URL}` and the like are bound. */
function sourceOf(
  name: string,
  value: string | undefined,
  secret: boolean,
  resources: readonly Resource[],
): VariableSource {
  if (value === undefined) return { kind: "ask", declaration: { required: true, secret } };
  if (value === "") return { kind: "ask", declaration: { required: false, secret } };
  // Encrypted values are useless outside the author's account.
  if (/^EV\[/.test(value) || /^<REQUIRED>$/i.test(value))
    return { kind: "ask", declaration: { required: true, secret } };
  let owner: string | undefined;
  let hasUnknown = false;
  const text = value.replace(
    /\$\{([\w-]+)(?:\.([\w-]+))?\}/g,
    (reference, component: string, property: string | undefined) => {
      if (property === undefined) {
        if (component === "APP_URL") return "${app.url}";
        if (component === "APP_DOMAIN") return "${app.host}";
        hasUnknown = true;
        return reference;
      }
      const field = Object.hasOwn(fields, property) ? fields[property] : undefined;
      if (resources.some((candidate) => candidate.name === component) && field) {
        owner = component;
        return `\${${field}}`;
      }
      if (property === "PUBLIC_URL") return "${app.url}";
      if (property === "PRIVATE_URL") return `http://\${service.${component}.host}:\${service.${component}.port}`;
      if (/^(PRIVATE_DOMAIN|HOSTNAME)$/.test(property)) return `\${service.${component}.host}`;
      if (/^(PRIVATE_PORT|PORT)$/.test(property)) return `\${service.${component}.port}`;
      hasUnknown = true;
      return reference;
    },
  );
  if (hasUnknown)
    return {
      kind: "ask",
      declaration: {
        required: true,
        secret,
        ...(value === `\${${name}}` ? {} : { description: `On DigitalOcean: ${short(value)}` }),
      },
    };
  if (owner !== undefined) return { kind: "fill", resource: owner, text };
  return text === value ? { kind: "ask", declaration: { value, secret } } : { kind: "fixed", text };
}
