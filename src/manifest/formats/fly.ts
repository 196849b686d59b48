import type { Build, Command, Service } from "../../app.ts";
import { fromImage, inside } from "../components.ts";
import { declareVariable } from "../declare-variable.ts";
import { type Files, firstOf, type ManifestFormat, type PartialApp, type ServicePart } from "../format.ts";
import { seconds } from "../infer/durations.ts";
import { languageOf } from "../infer/languages.ts";
import { megabytes, sizeFor } from "../infer/sizes.ts";
import { isEnvName } from "../infer/variable.ts";
import { splitArgs } from "../shell.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { parseToml } from "../syntax/toml.ts";
import { entriesOf, get, itemsOf, scalar, type Tree } from "../syntax/tree.ts";

/** Fly.io's configuration. It does not mention databases. */
export const fly: ManifestFormat = {
  id: "fly.toml",
  kind: "manifest",
  find: firstOf("fly.toml"),
  read(report, files) {
    const root = parseToml(report);
    if (root === null) return {};
    const part: PartialApp = { isComplete: true };
    const build = buildOf(get(root, "build"), files);
    if (build) part.build = build;
    // Fly splits commands into words that replace the image's CMD; only a buildpack's launcher gives them to a shell.
    const commandOf = build?.kind === "buildpacks" ? (line: string) => line : splitArgs;
    const release = scalar(get(get(root, "deploy"), "release_command"));
    if (release) {
      const command = commandOf(release);
      part.jobs = [{ name: "release", entrypoint: null, command, when: "release", schedule: null }];
    }
    part.services = servicesOf(root, report, commandOf);
    const env = entriesOf(get(root, "env")).filter(([key]) => key !== "PORT" && isEnvName(key));
    if (env.length > 0)
      part.variables = env.map(([name, { key, value }]) =>
        declareVariable(name, { value: scalar(value) }, key, report),
      );
    return part;
  },
};

function buildOf(build: Tree | undefined, files: Files): Build | undefined {
  const image = scalar(get(build, "image"));
  if (image) return fromImage(image);
  const dockerfile = scalar(get(build, "dockerfile")) ?? (files.list.includes("Dockerfile") ? "Dockerfile" : undefined);
  if (dockerfile) {
    const args = Object.fromEntries(
      entriesOf(get(build, "args")).map(([key, { value }]) => [key, scalar(value) ?? ""]),
    );
    const extra = Object.keys(args).length > 0 ? { args } : {};
    return { kind: "dockerfile", dockerfile: inside(dockerfile), context: ".", ...extra };
  }
  const builder = scalar(get(build, "builder")) ?? null;
  const buildpacks = itemsOf(get(build, "buildpacks")).flatMap((item) => scalar(item) ?? []);
  return builder || buildpacks.length > 0
    ? { kind: "buildpacks", builder, buildpacks, language: languageOf(files.list) }
    : undefined;
}

/** Reads a table written once (`[mounts]`) or repeatedly (`[[mounts]]`). */
const tablesOf = (tree: Tree | undefined): Tree[] => (tree?.kind === "list" ? tree.items : tree ? [tree] : []);

function servicesOf(root: Tree, report: Diagnostics, commandOf: (line: string) => Command): ServicePart[] {
  const rawProcesses = tablesOf(get(root, "processes")).flatMap(entriesOf);
  const processes = rawProcesses.map(([name, { value }]): [string, Command | undefined] => {
    const line = scalar(value)?.trim();
    return [name, line ? commandOf(line) : undefined];
  });
  const entries = processes.length > 0 ? processes : [["app", argsOf(root, "cmd")] as const];
  const entrypoint = argsOf(root, "entrypoint");
  const webServices = [...tablesOf(get(root, "http_service")), ...tablesOf(get(root, "services")).filter(isWeb)];
  const appliesTo = (tree: Tree, name: string) => {
    const list = itemsOf(get(tree, "processes")).flatMap((item) => scalar(item) ?? []);
    return list.length === 0 || list.includes(name);
  };
  return entries.map(([name, command]) => {
    const web = webServices.find((tree) => appliesTo(tree, name));
    const service: ServicePart = { name: name.replace(/[^A-Za-z0-9_-]/g, "-"), public: web !== undefined };
    if (entrypoint) service.entrypoint = entrypoint;
    if (command) service.command = command;
    const port = Number(scalar(get(web, "internal_port")));
    if (port > 0 && port < 65536) service.port = port;
    const min = Number(scalar(get(web, "min_machines_running")) ?? 1);
    if (min > 1 && min < 1000) service.scale = { min, max: min };
    const health = healthOf(web) ?? (web ? healthOf(get(root, "checks")) : undefined);
    if (health) service.health = health;
    remarkOtherPorts(
      webServices.filter((tree) => appliesTo(tree, name)),
      service.name,
      report,
    );
    const machine = tablesOf(get(root, "vm")).find((tree) => appliesTo(tree, name));
    if (machine) service.size = sizeOf(machine, report);
    const volumes = [...tablesOf(get(root, "mounts")), ...tablesOf(get(root, "mount"))].filter((tree) =>
      appliesTo(tree, name),
    );
    const mounts = volumes.flatMap((tree) => {
      const mount = scalar(get(tree, "destination"));
      const size = (megabytes(scalar(get(tree, "initial_size")) ?? "") ?? 1024) / 1024;
      return mount ? [{ name: scalar(get(tree, "source")) ?? "data", mount, size: Math.max(1, Math.round(size)) }] : [];
    });
    if (mounts.length > 0) service.volumes = mounts;
    return service;
  });
}

/** Reads `experimental.cmd` or `experimental.entrypoint`: a list, or a text that Fly splits into words. */
function argsOf(root: Tree, key: string): string[] | undefined {
  const tree = get(get(root, "experimental"), key);
  const args =
    tree?.kind === "list" ? itemsOf(tree).flatMap((item) => scalar(item) ?? []) : splitArgs(scalar(tree) ?? "");
  return args.length > 0 ? args : undefined;
}

/** Returns whether a service is public over HTTP. */
const isWeb = (service: Tree): boolean =>
  tablesOf(get(service, "ports")).some((port) =>
    itemsOf(get(port, "handlers")).some((item) => /http|tls/.test(scalar(item) ?? "")),
  ) || tablesOf(get(service, "ports")).some((port) => ["80", "443"].includes(scalar(get(port, "port")) ?? ""));

function healthOf(tree: Tree | undefined): Service["health"] | undefined {
  const checks = [
    ...tablesOf(get(tree, "checks")),
    ...tablesOf(get(tree, "http_checks")),
    ...entriesOf(tree).map(([, { value }]) => value),
  ];
  const check = checks.find((one) => scalar(get(one, "path"))?.startsWith("/"));
  const path = scalar(get(check, "path"));
  if (path === undefined) return undefined;
  const grace = seconds(scalar(get(check, "grace_period")) ?? "");
  const timeout = seconds(scalar(get(check, "timeout")) ?? "");
  return { path, ...(grace ? { grace } : {}), ...(timeout ? { timeout } : {}) };
}

/** Remarks on services of other ports: an app has one that the world reaches. */
function remarkOtherPorts([first, ...others]: Tree[], name: string, report: Diagnostics): void {
  const port = scalar(get(first, "internal_port"));
  const lost = [...new Set(others.map((tree) => scalar(get(tree, "internal_port"))))].filter((other) => other !== port);
  if (lost.length > 0 && others[0])
    report.remark(
      others[0],
      `Only port ${port} of \`${name}\` is published; ${lost.join(", ")} ${lost.length > 1 ? "are" : "is"} not.`,
    );
}

function sizeOf(machine: Tree, report: Diagnostics): ServicePart["size"] {
  const text = scalar(get(machine, "memory")) ?? scalar(get(machine, "memory_mb"));
  const memory = text === undefined ? undefined : /^\d+$/.test(text) ? Number(text) : megabytes(text);
  const preset = scalar(get(machine, "size")) ?? "";
  const [, dedicated, count] = /^(performance)?.*?-(\d+)x$/.exec(preset) ?? [];
  const cpus = Number(scalar(get(machine, "cpus")) ?? (dedicated ? count : 1));
  if (get(machine, "gpu_kind") ?? get(machine, "gpus")) {
    report.remark(machine, `No cloud here gives the GPU \`${short(scalar(get(machine, "gpu_kind")) ?? "")}\`.`);
  }
  return sizeFor(memory, cpus > 0 && memory === undefined ? cpus : undefined);
}
