import type { ServicePart } from "../../format.ts";
import { dynoSize } from "../../infer/sizes.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, kindOf, scalar, type Tree } from "../../syntax/tree.ts";

const knownKeys = new Set([
  "quantity",
  "size",
  "process",
  "command",
  "autoscaling",
  "max_parallel",
  "service",
  "options",
]);

/** `formation` (an object, or Heroku's old list) and Dokku's `healthchecks`. */
export function readFormation(
  formation: Tree | undefined,
  checks: Tree | undefined,
  report: Diagnostics,
): ServicePart[] {
  const services: ServicePart[] = [];
  for (const [name, tree] of processes(formation, report)) {
    if (name === "release" || name === "_default_") continue;
    const quantity = count(get(tree, "quantity") ?? tree, report) ?? 1;
    const scaling = get(tree, "autoscaling");
    const min = count(get(scaling, "min_quantity"), report) ?? quantity;
    const max = Math.max(min, count(get(scaling, "max_quantity"), report) ?? min);
    if (max === 0) {
      report.remark(tree, `\`${short(name)}\` is switched off (quantity 0), so it is not deployed.`);
    }
    const service: ServicePart = { name, scale: { min, max } };
    const size = scalar(get(tree, "size"));
    if (size !== undefined) {
      service.size = dynoSize(size) ?? "S";
      if (dynoSize(size) === undefined) {
        report.remark(get(tree, "size") ?? tree, `The size \`${short(size)}\` is not known; the smallest is taken.`);
      }
    }
    for (const [key, entry] of entriesOf(tree)) {
      if (!knownKeys.has(key)) report.remark(entry.key, `\`${short(key)}\` says nothing about a process here.`);
    }
    const command = scalar(get(tree, "command"));
    if (command) service.command = command;
    services.push(service);
  }
  for (const [name, { value }] of entriesOf(checks)) addHealth(services, name, value);
  return services;
}

function processes(formation: Tree | undefined, report: Diagnostics): [string, Tree][] {
  if (formation === undefined || formation.kind === "null") return [];
  if (formation.kind === "list") {
    return itemsOf(formation).flatMap((item) => {
      const name = scalar(get(item, "process"));
      if (name !== undefined) return [[name, item] as [string, Tree]];
      report.remark(
        item,
        "This entry of the formation names no process, and is passed over.",
        'Write `"process": "web"`.',
      );
      return [];
    });
  }
  if (formation.kind === "object") return [...formation.entries].map(([name, { value }]) => [name, value]);
  const fix = 'Write `"formation": { "web": { "quantity": 1 } }`.';
  report.problem(formation, `\`formation\` is ${kindOf(formation)} where an object belongs.`, fix);
  return [];
}

function count(tree: Tree | undefined, report: Diagnostics): number | undefined {
  if (tree === undefined || tree.kind === "object" || tree.kind === "null") return undefined;
  const number = Number(scalar(tree));
  if (Number.isInteger(number) && number >= 0 && number <= 1000 && scalar(tree) !== "") return number;
  report.remark(tree, "This is no number of processes; 1 is taken.", "Write a whole number from 0 to 1000.");
  return 1;
}

/** Uses the first check with a path as the health check. */
function addHealth(services: ServicePart[], name: string, checks: Tree): void {
  const path = itemsOf(checks)
    .map((check) => scalar(get(check, "path")) ?? scalar(get(get(check, "httpGet"), "path")))
    .find((candidate) => candidate?.startsWith("/"));
  if (path === undefined) return;
  const service = services.find((candidate) => candidate.name === name);
  if (service) service.health = { path };
  else services.push({ name, health: { path } });
}
