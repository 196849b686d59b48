import type { Resource } from "../../app.ts";
import { type Component, fromImage, mergeComponents, type VariableSource } from "../components.ts";
import type { ManifestFormat, PartialApp, ServicePart } from "../format.ts";
import { classifyImage } from "../infer/known-images.ts";
import { megabytes, sizeFor } from "../infer/sizes.ts";
import { resource } from "../resources.ts";
import { createDiagnostics, type Diagnostics, short } from "../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, scalar, type Tree } from "../syntax/tree.ts";
import { parseYaml } from "../syntax/yaml.ts";

const chart = /^(?:(?:charts?|helm|deploy|k8s|kubernetes)\/)?(?:[\w.-]+\/)?Chart\.yaml$/;

/** A Helm chart: image, port and databases as its values declare them. */
export const helm: ManifestFormat = {
  id: "Helm chart",
  kind: "manifest",
  find: (list) => {
    if (list.includes("Procfile") || list.includes("heroku.yml")) return [];
    const charts = list.filter((name) => chart.test(name) && list.includes(valuesOf(name)));
    return charts.toSorted((a, b) => a.split("/").length - b.split("/").length || (a < b ? -1 : 1)).slice(0, 1);
  },
  beside: (file) => [valuesOf(file)],
  read(report, files) {
    const root = parseYaml(report);
    const file = valuesOf(report.file);
    const text = files.text.get(file);
    if (root === null || text === undefined || text === null) return {};
    const valuesReport = createDiagnostics(file, text);
    const values = parseYaml(valuesReport);
    report.problems.push(...valuesReport.problems);
    report.remarks.push(...valuesReport.remarks);
    if (values === null) return {};
    return partOf(root, values, report);
  },
};

const valuesOf = (file: string): string => file.replace(/Chart\.yaml$/, "values.yaml");

function partOf(root: Tree, values: Tree, report: Diagnostics): PartialApp {
  const image = imageOf(get(values, "image"), scalar(get(root, "appVersion")));
  if (image === undefined) {
    report.remark(null, "The chart's values do not say at `image` what it runs, so it is not used.");
    return {};
  }
  const resources: Resource[] = [];
  for (const item of itemsOf(get(root, "dependencies"))) addDependency(item, values, resources, report);
  const env = envOf(values);
  const component: Component = {
    service: serviceOf(root, values, report),
    build: fromImage(image),
    env,
    where: values,
  };
  const part = mergeComponents([component], resources, report);
  report.remark(null, "What the chart's templates set beside `env` is not known here.", "Say it in an app.json.");
  const textKeys = { name: "name", description: "description", website: "home", logo: "icon" } as const;
  for (const [key, chartKey] of Object.entries(textKeys)) {
    const text = scalar(get(root, chartKey));
    if (text && (key === "name" || key === "description" || /^https?:\/\//.test(text)))
      Object.assign(part, { [key]: text.slice(0, 2000) });
  }
  const keywords = itemsOf(get(root, "keywords")).flatMap((item) => scalar(item) ?? []);
  if (keywords.length > 0) part.keywords = keywords.slice(0, 50);
  return part;
}

/** Reads `image: name:tag` or `{registry, repository, tag, digest}`. The default tag is the chart's appVersion. */
function imageOf(tree: Tree | undefined, version: string | undefined): string | undefined {
  const image = scalar(tree);
  if (image) return image;
  const repository = scalar(get(tree, "repository")) ?? scalar(get(tree, "name"));
  if (!repository) return undefined;
  const registry = scalar(get(tree, "registry"));
  const digest = scalar(get(tree, "digest"));
  const tag = scalar(get(tree, "tag")) || version || "latest";
  const name = `${registry ? `${registry}/` : ""}${repository}`;
  return digest ? `${name}@${/^sha256:/.test(digest) ? digest : `sha256:${digest}`}` : `${name}:${tag}`;
}

const portOf = (tree: Tree | undefined): number | undefined => {
  const number = Number(scalar(tree));
  return Number.isInteger(number) && number > 0 && number < 65536 ? number : undefined;
};

/** Returns the ports that an ingress sends requests to. */
const ingressPorts = (ingress: Tree | undefined): (Tree | undefined)[] =>
  itemsOf(get(ingress, "hosts")).flatMap((host) =>
    itemsOf(get(host, "paths")).map((path) => get(get(get(get(path, "backend"), "service"), "port"), "number")),
  );

function serviceOf(root: Tree, values: Tree, report: Diagnostics): ServicePart {
  const name = scalar(get(root, "name"))?.replace(/[^A-Za-z0-9_-]/g, "-") || "web";
  const service = get(values, "service");
  const ofService = portOf(get(service, "port"));
  const port = [
    get(values, "containerPort"),
    ...entriesOf(get(values, "containerPorts")).map(([, { value }]) => value),
    get(service, "targetPort"),
    get(service, "containerPort"),
    get(service, "internalPort"),
    ...ingressPorts(get(values, "ingress")),
  ]
    .map(portOf)
    .find((number) => number !== undefined);
  if (port === undefined && ofService !== undefined) {
    const message = `Nothing says at which port the container listens; the Service's port ${ofService} is taken.`;
    report.remark(null, message, "Say it in an app.json: `cloud.services.NAME.port`.");
  }
  const part: ServicePart = { name, public: true };
  if (port !== undefined || ofService !== undefined) part.port = port ?? ofService ?? null;
  const count = Number(scalar(get(values, "replicaCount")) ?? 1);
  const scaling = get(values, "autoscaling");
  const max = scalar(get(scaling, "enabled")) === "true" ? Number(scalar(get(scaling, "maxReplicas"))) : count;
  if (count >= 1 && count < 1000) part.scale = { min: count, max: Math.max(max || count, count) };
  const limits = get(get(values, "resources"), "limits") ?? get(get(values, "resources"), "requests");
  const memory = megabytes(scalar(get(limits, "memory")) ?? "");
  if (memory !== undefined) part.size = sizeFor(memory);
  const probe = get(get(values, "readinessProbe"), "httpGet") ?? get(get(values, "livenessProbe"), "httpGet");
  const check = get(values, "readinessProbe") ?? get(values, "livenessProbe");
  const grace = Number(scalar(get(check, "initialDelaySeconds")));
  const timeout = Number(scalar(get(check, "timeoutSeconds")));
  const path = scalar(get(probe, "path")) ?? scalar(get(get(values, "livenessProbe"), "path"));
  if (path?.startsWith("/") && !path.includes("{{"))
    part.health = { path, ...(grace > 0 ? { grace } : {}), ...(timeout > 0 ? { timeout } : {}) };
  const persistence = get(values, "persistence");
  const mount = scalar(get(persistence, "mountPath"));
  if (mount?.startsWith("/") && scalar(get(persistence, "enabled")) !== "false") {
    const size = (megabytes(scalar(get(persistence, "size")) ?? "") ?? 10_240) / 1024;
    part.volumes = [{ name: "data", mount, size: Math.max(1, Math.round(size)) }];
  }
  return part;
}

/** Adds the resource for a database chart, unless its condition is false. */
function addDependency(item: Tree, values: Tree, resources: Resource[], report: Diagnostics): void {
  const chart = scalar(get(item, "name")) ?? "";
  const name = scalar(get(item, "alias")) ?? chart;
  const kind = classifyImage(chart.replace(/^eck-/, ""));
  const condition = scalar(get(item, "condition"))?.split(",")[0]?.trim();
  const enabled = condition?.split(".").reduce<Tree | undefined>((tree, key) => get(tree, key), values);
  if (scalar(enabled) === "false") return;
  if (kind.kind === "resource") {
    const image = get(get(values, name), "image");
    const version = classifyImage(`${chart}:${scalar(get(image, "tag")) ?? ""}`);
    const tagVersion = version.kind === "resource" ? version.version : null;
    resources.push(
      resource(kind.type, resources, { name: name.replace(/[^A-Za-z0-9_-]/g, "-"), version: tagVersion, env: {} }),
    );
  } else report.remark(item, `Nothing takes the place of the chart \`${short(chart)}\`.`);
}

/** Reads variables from the keys that charts commonly use; there is no standard one. */
function envOf(values: Tree): Map<string, VariableSource> {
  const env = new Map<string, VariableSource>();
  for (const key of ["env", "extraEnv", "extraEnvs", "extraEnvVars", "environment", "envVars"]) {
    const tree = get(values, key);
    for (const [name, { value }] of entriesOf(tree)) {
      const text = scalar(value);
      if (/^[A-Z][A-Z0-9_]*$/.test(name) && text !== undefined && !text.includes("{{")) env.set(name, askFor(text));
    }
    for (const item of itemsOf(tree)) {
      const name = scalar(get(item, "name"));
      const text = scalar(get(item, "value"));
      if (name && text?.includes("{{") === false) env.set(name, askFor(text));
      else if (name && get(item, "valueFrom")) env.set(name, { kind: "ask", declaration: { required: true } });
    }
  }
  return env;
}

const askFor = (value: string): VariableSource => ({ kind: "ask", declaration: { value, required: value !== "" } });
