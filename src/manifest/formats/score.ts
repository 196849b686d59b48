import type { Resource, ResourceType } from "../../app.ts";
import { type Component, fromImage, mergeComponents, type VariableSource } from "../components.ts";
import { firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../format.ts";
import { megabytes, sizeFor } from "../infer/sizes.ts";
import { outputs, resource } from "../resources.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, kindOf, scalar, type Tree } from "../syntax/tree.ts";
import { parseYaml } from "../syntax/yaml.ts";

/** A Score workload: containers and the resources they need. */
export const score: ManifestFormat = {
  id: "score.yaml",
  kind: "manifest",
  find: firstOf("score.yaml", "score.yml"),
  read(report) {
    const root = parseYaml(report);
    if (root === null) return {};
    if (root.kind !== "object") {
      report.problem(
        root,
        `A score.yaml is an object, but this is ${kindOf(root)}.`,
        "Begin with `apiVersion: score.dev/v1b1`.",
      );
      return {};
    }
    const resources: Resource[] = [];
    const kinds = new Map<string, string>();
    for (const [name, { key, value }] of entriesOf(get(root, "resources"))) {
      const kind = scalar(get(value, "type"))?.toLowerCase() ?? "";
      const type = Object.hasOwn(resourceTypes, kind) ? resourceTypes[kind] : undefined;
      kinds.set(name, kind);
      if (type) resources.push(resource(type, resources, { name, env: {} }));
      else if (!ignoredTypes.has(kind))
        report.remark(
          key,
          `No cloud here manages \`${short(kind)}\`, so nothing takes the place of \`${short(name)}\`.`,
        );
    }
    const ports = entriesOf(get(get(root, "service"), "ports")).map(([, { value }]) => value);
    const components = entriesOf(get(root, "containers")).map(([name, { value }], index): Component => {
      const image = scalar(get(value, "image")) ?? ".";
      const service = serviceOf(name, value, index === 0 ? ports[0] : undefined);
      const build: Component["build"] = /^\.?$|^\.\//.test(image)
        ? { kind: "dockerfile", dockerfile: "Dockerfile", context: "." }
        : fromImage(image);
      return { service, build, env: envOf(get(value, "variables"), resources, kinds, report), where: value };
    });
    const part: PartialApp = mergeComponents(components, resources, report);
    const name = scalar(get(get(root, "metadata"), "name"));
    if (name) part.name = name;
    return part;
  },
};

const resourceTypes: Record<string, ResourceType> = {
  postgres: "postgres",
  "postgres-instance": "postgres",
  mysql: "mysql",
  "mysql-instance": "mysql",
  redis: "redis",
  mongodb: "mongodb",
  "mongodb-instance": "mongodb",
  amqp: "amqp",
  s3: "bucket",
  memcached: "memcached",
};
const ignoredTypes = new Set(["dns", "route", "volume", "service-port", "environment", "workload"]);

function serviceOf(name: string, tree: Tree, port: Tree | undefined): ServicePart {
  const service: ServicePart = { name, public: port !== undefined };
  // As in Kubernetes, `command` replaces the image's ENTRYPOINT and `args` its CMD.
  const listAt = (key: string) => itemsOf(get(tree, key)).flatMap((item) => scalar(item) ?? []);
  const [entrypoint, args] = [listAt("command"), listAt("args")];
  if (entrypoint.length > 0) service.entrypoint = entrypoint;
  if (args.length > 0) service.command = args;
  const number = Number(scalar(get(port, "targetPort")) ?? scalar(get(port, "port")));
  if (number > 0 && number < 65536) service.port = number;
  const probe = get(get(tree, "readinessProbe"), "httpGet") ?? get(get(tree, "livenessProbe"), "httpGet");
  const path = scalar(get(probe, "path"));
  const grace = Number(scalar(get(get(tree, "readinessProbe") ?? get(tree, "livenessProbe"), "initialDelaySeconds")));
  if (path?.startsWith("/")) service.health = { path, ...(grace > 0 ? { grace } : {}) };
  const limits = get(get(tree, "resources"), "limits") ?? get(get(tree, "resources"), "requests");
  const memory = megabytes(scalar(get(limits, "memory")) ?? "");
  const cpu = scalar(get(limits, "cpu")) ?? "";
  const cpus = /^\d+m$/.test(cpu) ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
  if (memory !== undefined || cpus > 0) service.size = sizeFor(memory, cpus > 0 ? cpus : undefined);
  return service;
}

/** Score outputs that have another name here. */
const renamed: Record<string, string> = {
  connection: "url",
  uri: "url",
  database: "name",
  secret_key_access: "secret_key",
};

function envOf(
  variables: Tree | undefined,
  resources: readonly Resource[],
  kinds: ReadonlyMap<string, string>,
  report: Diagnostics,
): Map<string, VariableSource> {
  const env = new Map<string, VariableSource>();
  for (const [name, { value }] of entriesOf(variables)) {
    const raw = scalar(value) ?? "";
    let owner: string | undefined;
    let unresolved: string | undefined;
    const text = raw.replace(
      /(\$\$)|\$\{([^}]{1,200})\}/g,
      (_, escaped: string | undefined, placeholder: string = "") => {
        if (escaped) return "$";
        const [, id = "", output = ""] = /^resources\.([\w-]+)(?:\.(.+))?$/.exec(placeholder) ?? [];
        const target = resources.find((candidate) => candidate.name === id);
        const field = Object.hasOwn(renamed, output) ? renamed[output] : output;
        if (target && field && outputs[target.type].includes(field)) {
          owner = id;
          return `\${${field}}`;
        }
        if (kinds.get(id) === "dns") return "${app.host}";
        if (placeholder === "metadata.name") return "${app.name}";
        unresolved = placeholder;
        return "";
      },
    );
    if (unresolved !== undefined) {
      report.remark(
        value,
        `Nothing here tells \`${short(unresolved)}\`, so visitors are asked for \`${short(name)}\`.`,
      );
      env.set(name, { kind: "ask", declaration: { required: true } });
    } else if (owner !== undefined) env.set(name, { kind: "fill", resource: owner, text });
    else if (/\$\{app\./.test(text)) env.set(name, { kind: "fixed", text });
    else env.set(name, { kind: "ask", declaration: { value: text, required: text !== "" } });
  }
  return env;
}
