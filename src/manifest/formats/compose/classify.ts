import { interpolate, type Values } from "../../compose-interpolation.ts";
import type { Files } from "../../format.ts";
import { classifyImage, type ImageKind } from "../../infer/known-images.ts";
import { splitArgs } from "../../shell.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { type Entry, entriesOf, get, itemsOf, kindOf, type ObjectTree, scalar, type Tree } from "../../syntax/tree.ts";

/** Version 1 of the format has its services at the root. */
function allServices(root: ObjectTree): [string, Entry][] {
  const services = get(root, "services");
  if (services !== undefined) return entriesOf(services);
  return entriesOf(root).filter(([, { value }]) => get(value, "image") ?? get(value, "build"));
}

/** Returns the services that start by default. If only a profile starts anything of the app, that profile is on. */
export function activeServices(root: ObjectTree, values: Values, report: Diagnostics): [string, Entry][] {
  const services = allServices(root).filter(([name, { key, value }]) => {
    if (value.kind !== "object" && value.kind !== "null")
      report.remark(key, `\`${short(name)}\` is ${kindOf(value)}, and no service.`);
    return value.kind === "object";
  });
  const profilesOf = ([, { value }]: [string, Entry]) =>
    itemsOf(get(value, "profiles")).flatMap((item) => scalar(item) ?? []);
  const isApp = ([name, { value }]: [string, Entry]) =>
    ["app", "proxy", "server"].includes(kindOfService(name, value, values).kind);
  const plain = services.filter((service) => profilesOf(service).length === 0);
  const profiles = [...new Set(services.filter(isApp).flatMap(profilesOf))];
  const active = plain.some(isApp)
    ? undefined
    : (profiles.find((name) => /^(prod|production|app|web|default|all)$/.test(name)) ?? profiles[0]);
  const where = get(root, "services") ?? null;
  if (active !== undefined) {
    const message = `Nothing of the app starts without a profile, so the profile \`${short(active)}\` is on.`;
    report.remark(where, message);
  }
  const isActive = (service: [string, Entry]) =>
    profilesOf(service).length === 0 || (active !== undefined && profilesOf(service).includes(active));
  const inactive = services.filter((service) => !isActive(service)).map(([name]) => `\`${short(name)}\``);
  if (inactive.length > 0) {
    const list = `${inactive.slice(0, 5).join(", ")}${inactive.length > 5 ? ", …" : ""}`;
    report.remark(where, `Services of a profile are not started by default, and left out: ${list}.`);
  }
  return services.filter(isActive);
}

/** Returns whether a service is part of the app, a resource, or something every cloud provides. */
export function kindOfService(name: string, value: Tree, values: Values): ImageKind {
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
export const hasConfiguration = (value: Tree): boolean =>
  get(value, "build") === undefined &&
  (itemsOf(get(value, "volumes")).length > 0 || itemsOf(get(value, "configs")).length > 0);

export const nameOf = (key: string): string => key.replace(/[^A-Za-z0-9_-]/g, "-").slice(0, 60);

/** Returns the other network names of a service. */
export function aliases(service: Tree): string[] {
  const networks = entriesOf(get(service, "networks")).flatMap(([, { value }]) => itemsOf(get(value, "aliases")));
  return [get(service, "container_name"), get(service, "hostname"), ...networks].flatMap((tree) => scalar(tree) ?? []);
}

/** `.:/app`: the source is mounted over the image. */
export const mountsSource = (service: Tree): boolean =>
  get(service, "build") !== undefined &&
  itemsOf(get(service, "volumes")).some((item) =>
    /^(\.\.?\/?|\.\/\.|\$\{?PWD\}?)(:|$)/.test(scalar(item) ?? scalar(get(item, "source")) ?? ""),
  );

/** Returns the services whose completion this one waits for. */
export const awaitedJobs = (service: Tree): string[] =>
  entriesOf(get(service, "depends_on"))
    .filter(([, { value }]) => scalar(get(value, "condition")) === "service_completed_successfully")
    .map(([name]) => name);

const oneOffCommand =
  /(^|[\s:/_.-])(migrate|migrations?|db:(migrate|prepare|setup|seed)|collectstatic|seed|createbuckets?|create-buckets?|init-db|initdb)([\s:/_.-]|$)/;

/** Returns whether a service ends by itself: it restarts only on failure or never, and its name or command says so. */
export function isOneOff(name: string, service: Tree): boolean {
  const restart = scalar(get(service, "restart")) ?? "";
  const condition = scalar(get(get(get(service, "deploy"), "restart_policy"), "condition")) ?? "";
  if (get(service, "ports") ?? get(service, "expose")) return false;
  if (/^(always|unless-stopped)$/.test(restart) || condition === "any") return false;
  const command = get(service, "command");
  const args =
    command?.kind === "list" ? command.items.map((item) => scalar(item) ?? "") : splitArgs(scalar(command) ?? "");
  const line = args.join(" ").slice(0, 500);
  const startsServer = /&&|;|\b(gunicorn|uvicorn|runserver|puma|server|start)\b/.test(line);
  return !startsServer && (oneOffCommand.test(line) || (args.length > 0 && oneOffCommand.test(name)));
}

/** Returns whether a service speaks FastCGI instead of HTTP, as php-fpm does. */
export function speaksFastCgi(service: Tree, files: Files, values: Values): boolean {
  const build = get(service, "build");
  if (build === undefined) return /fpm/.test(interpolate(scalar(get(service, "image")) ?? "", values).text);
  const folder = (scalar(build) ?? scalar(get(build, "context")) ?? ".").replace(/^\.?\/?/, "");
  const dockerfile = scalar(get(build, "dockerfile")) ?? "Dockerfile";
  const text = files.text.get(folder === "" ? dockerfile : `${folder}/${dockerfile}`) ?? "";
  return /^FROM[ \t]+\S*fpm/im.test(text.slice(0, 65_536));
}
