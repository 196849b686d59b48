import type { Resource, Variable } from "../../../app.ts";
import { closestMatch } from "../../closest-match.ts";
import { type Addon, addons } from "../../infer/heroku-addons.ts";
import { variable } from "../../infer/variable.ts";
import { resource } from "../../resources.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { get, itemsOf, kindOf, type ObjectTree, scalar, type Tree } from "../../syntax/tree.ts";

interface AddonRequest {
  service: string;
  as: string | undefined;
  version: string | null;
  where: Tree;
}

/** Reads `addons`: resources for managed services, variables for accounts elsewhere, remarks for the rest. */
export function readAddons(
  tree: Tree | undefined,
  report: Diagnostics,
): { resources: Resource[]; variables: Variable[] } {
  const resources: Resource[] = [];
  const variables: Variable[] = [];
  for (const request of requestsIn(tree, report)) {
    const guess = addons.has(request.service) ? undefined : guessAddon(request.service);
    const addon = addons.get(request.service) ?? (guess?.isSure ? addons.get(guess.name) : undefined);
    if (guess?.isSure) {
      const message = `There is no add-on \`${short(request.service)}\`; it is taken as \`${guess.name}\`.`;
      report.remark(request.where, message, `Write \`${guess.name}\`.`);
    }
    if (request.service === "scheduler" || request.service === "crontogo" || request.service === "process-scheduler") {
      const message = "The scheduler's jobs are not in this file, so they are not set up.";
      report.remark(request.where, message, 'List them: `"cron": [{ "command": "…", "schedule": "0 3 * * *" }]`.');
    } else if (addon === undefined) {
      const message = `The add-on \`${short(request.service)}\` is not known here, so nothing takes its place.`;
      const fix = guess ? `Did you mean \`${guess.name}\`?` : "Ask for what the app needs of it in `env`.";
      report.remark(request.where, message, fix);
    } else if (addon.kind === "ignore") {
      report.remark(request.where, `The add-on \`${request.service}\` is left out: ${addon.reason}.`);
    } else if (addon.kind === "ask") {
      const names = addon.env.map((name) => renamed(name, addon, request));
      const message = `No cloud manages what \`${request.service}\` gives, so visitors are asked for ${names.join(", ")}.`;
      report.remark(request.where, message);
      const description = `From ${addon.account}.`;
      variables.push(
        ...names.map((name) =>
          variable(name, { description, secret: true, ...(addon.isOptional ? { required: false } : {}) }),
        ),
      );
    } else resources.push(resourceFor(addon, request, resources));
  }
  return { resources, variables };
}

/** Returns the add-on that a misspelt name means. It is sure if one name is the beginning of the other. */
function guessAddon(service: string): { name: string; isSure: boolean } | undefined {
  const name = closestMatch(service, [...addons.keys()]);
  if (name === undefined) return undefined;
  const isBeginning = service.length >= 8 && (name.startsWith(service) || service.startsWith(name));
  return { name, isSure: isBeginning && addons.get(name)?.kind === "resource" };
}

function resourceFor(
  addon: Extract<Addon, { kind: "resource" }>,
  request: AddonRequest,
  taken: readonly Resource[],
): Resource {
  const { type } = addon;
  const isSecond = taken.some((other) => Object.keys(addon.env).some((name) => Object.hasOwn(other.env, name)));
  const draft = resource(type, taken, { version: request.version });
  const suffix = isSecond && request.as === undefined ? `_${draft.name.replace(/^.*-/, "")}` : "";
  const entries = Object.entries(addon.env).map(([name, value]) => {
    const variableName = renamed(name, addon, request);
    return [suffix === "" ? variableName : variableName.replace(/(_[A-Z]+)?$/, (tail) => `${suffix}${tail}`), value];
  });
  const env = Object.fromEntries(entries);
  // Heroku also exposes the first database as DATABASE_URL, whatever its alias.
  if (request.service === "heroku-postgresql" && !isSecond) env.DATABASE_URL = "${url}";
  const name = request.as === undefined ? undefined : slug(request.as);
  return resource(type, taken, { version: request.version, env, ...(name ? { name } : {}) });
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 30);

/** Replaces the add-on's prefix of a variable with its `as` alias. */
function renamed(name: string, addon: Addon, { as }: AddonRequest): string {
  if (as === undefined || addon.kind === "ignore") return name;
  const prefix = addon.kind === "resource" ? addon.prefix : name.replace(/_(URL|URI|DSN|API_KEY|TOKEN)$/, "");
  const newPrefix = as.toUpperCase().replace(/[^A-Z0-9_]+/g, "_");
  return name.startsWith(prefix) ? `${newPrefix}${name.slice(prefix.length)}` : name;
}

function requestsIn(tree: Tree | undefined, report: Diagnostics): AddonRequest[] {
  if (tree === undefined || tree.kind === "null") return [];
  if (tree.kind === "object") return fromObject(tree, report);
  if (tree.kind === "text") {
    const edit = { at: tree.at, remove: tree.end - tree.at, insert: `[${JSON.stringify(tree.value)}]` };
    report.fault(tree, "`addons` is text where a list belongs.", `Write \`["${short(tree.value)}"]\`.`, edit);
    return requestOf(tree, tree.value, tree);
  }
  if (tree.kind !== "list") {
    report.problem(
      tree,
      `\`addons\` is ${kindOf(tree)} where a list belongs.`,
      'Write `"addons": ["heroku-postgresql"]`.',
    );
    return [];
  }
  return itemsOf(tree).flatMap((item) => {
    const plan = scalar(item) ?? scalar(get(item, "plan")) ?? scalar(get(item, "name")) ?? scalar(get(item, "service"));
    if (plan !== undefined && plan.trim() !== "") return requestOf(item, plan, item);
    report.problem(
      item,
      "This add-on has no plan.",
      'Write `"heroku-postgresql"` or `{ "plan": "heroku-postgresql" }`.',
    );
    return [];
  });
}

/** `{ "heroku-postgresql": { … } }` or a single `{ "plan": … }`, where a list belongs. */
function fromObject(tree: ObjectTree, report: Diagnostics): AddonRequest[] {
  const plan = scalar(get(tree, "plan"));
  const requests =
    plan !== undefined
      ? requestOf(tree, plan, tree)
      : [...tree.entries].flatMap(([name, { value }]) => {
          const namedPlan = scalar(get(value, "plan")) ?? scalar(value);
          return requestOf(value, namedPlan?.includes(":") ? namedPlan : name, value);
        });
  const names = requests.map(({ service }) => service);
  const edit = { at: tree.at, remove: tree.end - tree.at, insert: JSON.stringify(names) };
  const message = `\`addons\` is an object where a list belongs; it is read as ${names.map((name) => `\`${short(name)}\``).join(", ") || "empty"}.`;
  report.fault(tree, message, `Write \`${short(JSON.stringify(names), 200)}\`.`, edit);
  return requests;
}

function requestOf(where: Tree, plan: string, options: Tree): AddonRequest[] {
  const service = plan.trim().toLowerCase().split(":")[0] ?? "";
  const version = scalar(get(get(options, "options"), "version")) ?? null;
  const as = scalar(get(options, "as"));
  return [{ service, as: as === undefined || as.trim() === "" ? undefined : as.trim(), version, where }];
}
