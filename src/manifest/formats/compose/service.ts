import type { Build, Volume } from "../../../app.ts";
import { fromImage, inside } from "../../components.ts";
import { interpolate, type Values } from "../../compose-interpolation.ts";
import type { Files, ServicePart } from "../../format.ts";
import { seconds } from "../../infer/durations.ts";
import { megabytes, sizeFor } from "../../infer/sizes.ts";
import { healthPath, splitArgs, splitPair } from "../../shell.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, scalar, type Tree } from "../../syntax/tree.ts";

/** Inputs for reading one service. */
interface ServiceContext {
  report: Diagnostics;
  values: Values;
  files: Files;
}

const textWith =
  (values: Values) =>
  (tree: Tree | undefined): string | undefined => {
    const raw = scalar(tree);
    return raw === undefined ? undefined : interpolate(raw, values).text;
  };

export function serviceOf(name: string, tree: Tree, context: ServiceContext): ServicePart {
  const { values } = context;
  const text = textWith(values);
  const service: ServicePart = { name };
  const entrypoint = argsOf(get(tree, "entrypoint"), values);
  const command = argsOf(get(tree, "command"), values);
  if (entrypoint) service.entrypoint = entrypoint;
  if (command) service.command = command;
  const ports = itemsOf(get(tree, "ports")).flatMap((port) => portOf(port, values) ?? []);
  const [port] = ports;
  service.public = port !== undefined;
  const others = [...new Set(ports)].filter((other) => other !== port);
  if (others.length > 0) {
    const message = `Only the first port of \`${short(name)}\`, ${port}, is published; ${others.slice(0, 5).join(", ")} ${others.length > 1 ? "are" : "is"} not.`;
    context.report.remark(get(tree, "ports") ?? tree, message);
  }
  const exposed = Number(text(itemsOf(get(tree, "expose"))[0])?.replace(/\/.*$/, ""));
  if (port !== undefined) service.port = port;
  else if (exposed > 0 && exposed < 65536) service.port = exposed;
  const deploy = get(tree, "deploy");
  const replicas = Number(text(get(deploy, "replicas")) ?? text(get(tree, "scale")) ?? 1);
  if (Number.isInteger(replicas) && replicas >= 0 && replicas <= 1000) service.scale = { min: replicas, max: replicas };
  const limits = get(get(deploy, "resources"), "limits");
  const memory = megabytes(text(get(limits, "memory")) ?? text(get(tree, "mem_limit")) ?? "");
  const cpus = Number(text(get(limits, "cpus")) ?? text(get(tree, "cpus")) ?? Number.NaN);
  if (memory !== undefined || cpus > 0) service.size = sizeFor(memory, cpus > 0 ? cpus : undefined);
  const test = get(get(tree, "healthcheck"), "test");
  const path = healthPath(
    scalar(test) ??
      itemsOf(test)
        .map((item) => scalar(item) ?? "")
        .join(" "),
  );
  if (path !== undefined && service.port !== undefined) {
    const check = get(tree, "healthcheck");
    const grace = seconds(text(get(check, "start_period")) ?? "");
    const timeout = seconds(text(get(check, "timeout")) ?? "");
    service.health = { path, ...(grace ? { grace } : {}), ...(timeout ? { timeout } : {}) };
  }
  const volumes = volumesOf(tree, name, context);
  if (volumes.length > 0) service.volumes = volumes;
  return service;
}

/** Returns the container port of a published port: `8080:80`, `127.0.0.1:8080:80/tcp`, `80`, or the long form. */
function portOf(tree: Tree, values: Values): number | undefined {
  const text = textWith(values);
  const raw = tree.kind === "object" ? (text(get(tree, "target")) ?? "") : (text(tree) ?? "");
  const protocol = tree.kind === "object" ? (text(get(tree, "protocol")) ?? "tcp") : (raw.split("/")[1] ?? "tcp");
  const port = Number(raw.split("/")[0]?.split(":").at(-1)?.split("-")[0]);
  return protocol === "tcp" && port > 0 && port < 65536 ? port : undefined;
}

/**
 * Named volumes persist, and so do host folders that are not in the repository: they hold data.
 * Folders of the repository cannot be mounted over the image.
 */
function volumesOf(tree: Tree, name: string, { report, values, files }: ServiceContext): Volume[] {
  const text = textWith(values);
  const volumes: Volume[] = [];
  const bindMounts: string[] = [];
  const guarded: string[] = [];
  for (const item of itemsOf(get(tree, "volumes"))) {
    const raw = text(item)?.split(":") ?? [];
    const source = (item.kind === "object" ? text(get(item, "source")) : raw.length > 1 ? raw[0] : "") ?? "";
    const mount = item.kind === "object" ? text(get(item, "target")) : (raw[1] ?? raw[0]);
    if (!mount?.startsWith("/") || text(get(item, "type")) === "tmpfs") continue;
    if (/docker\.sock|localtime|timezone|^\/(dev|sys|proc|var\/run|run)\b/.test(source)) continue;
    const path = inside(source);
    const isBind = /^[.~/]/.test(source);
    const isFile = /\.[a-z]{1,10}$/i.test(path);
    if (isBind && (isFile || path === "." || files.list.some((file) => file === path || file.startsWith(`${path}/`)))) {
      bindMounts.push(source);
      guarded.push(`${mount.replace(/\/$/, "")}/`);
    } else {
      const volumeName = (isBind ? path : source).replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
      volumes.push({ name: volumeName || `${name}-data`, mount, size: 10 });
    }
  }
  // An anonymous volume inside a folder that is mounted from the source only keeps the image's own files there.
  const kept = volumes.filter(
    ({ mount, name: volume }) =>
      !guarded.some((folder) => mount.startsWith(folder)) ||
      (volume !== `${name}-data` && !/\/(node_modules|vendor|\.venv|bundle|target|\.next)$/.test(mount)),
  );
  if (bindMounts.length > 0) {
    const list = bindMounts
      .slice(0, 3)
      .map((path) => `\`${short(path)}\``)
      .join(", ");
    const message = `${list} of the repository cannot be laid over the image of \`${short(name)}\`.`;
    report.remark(get(tree, "volumes") ?? tree, message, "Copy what it needs in the Dockerfile.");
  }
  return kept;
}

/** Returns the build of a service; undefined if its image is unknown. */
export function buildOf(tree: Tree, values: Values): Build | undefined {
  const text = textWith(values);
  const build = get(tree, "build");
  if (build !== undefined && build.kind !== "null") {
    const context = inside(text(build) ?? text(get(build, "context")) ?? ".");
    const file = inside(text(get(build, "dockerfile")) ?? "Dockerfile");
    const dockerfile = context === "." || context.startsWith("..") ? file : `${context}/${file}`;
    const pairs = [
      ...entriesOf(get(build, "args")).map(([name, { value }]) => [name, text(value) ?? ""] as const),
      ...itemsOf(get(build, "args")).map((item) => splitArg(text(item) ?? "")),
    ];
    const args = Object.fromEntries(pairs.filter(([name, value]) => name !== "" && value !== ""));
    return { kind: "dockerfile", dockerfile, context, ...(Object.keys(args).length > 0 ? { args } : {}) };
  }
  const { text: image, open: unresolved } = interpolate(scalar(get(tree, "image")) ?? "", values);
  // An unknown tag means latest; an unknown name means no image.
  const named = unresolved.length === 0 ? image : image.replace(/:$/, "");
  return /^[\w][\w.:@/-]*\w$/.test(named) ? fromImage(named) : undefined;
}

const splitArg = (arg: string): readonly [string, string] => {
  const [name = "", value = ""] = splitPair(arg) ?? [];
  return [name, value];
};

/** Reads arguments written as a list, or as text that Compose splits into words but never gives to a shell. */
function argsOf(tree: Tree | undefined, values: Values): string[] | undefined {
  const text = (item: Tree | undefined) => interpolate(scalar(item) ?? "", values).text;
  const args = tree?.kind === "list" ? itemsOf(tree).map(text) : splitArgs(text(tree));
  return args.length > 0 ? args : undefined;
}
