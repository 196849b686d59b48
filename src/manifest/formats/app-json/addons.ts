import type { Resource, Variable } from "../../../app.ts";
import { type Addon, addons } from "../../infer/heroku-addons.ts";
import { variable } from "../../infer/variable.ts";
import { resource } from "../../resources.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { get, itemsOf, kindOf, type ObjectTree, scalar, type Tree } from "../../syntax/tree.ts";

interface Wanted {
  service: string;
  as: string | undefined;
  version: string | null;
  where: Tree;
}

/** `addons`: resources for what clouds manage, questions for what they do not, and a remark for the rest. */
export function readAddons(
  tree: Tree | undefined,
  report: Diagnostics,
): { resources: Resource[]; variables: Variable[] } {
  const resources: Resource[] = [];
  const variables: Variable[] = [];
  for (const wanted of list(tree, report)) {
    const addon = addons.get(wanted.service);
    if (wanted.service === "scheduler" || wanted.service === "crontogo" || wanted.service === "process-scheduler") {
      const message = "The scheduler's jobs are not in this file, so they are not set up.";
      report.remark(wanted.where, message, 'List them: `"cron": [{ "command": "…", "schedule": "0 3 * * *" }]`.');
    } else if (addon === undefined) {
      const message = `The add-on \`${short(wanted.service)}\` is not known here, so nothing takes its place.`;
      report.remark(wanted.where, message, "Ask for what the app needs of it in `env`.");
    } else if (addon.kind === "ignore") {
      report.remark(wanted.where, `The add-on \`${wanted.service}\` is left out: ${addon.why}.`);
    } else if (addon.kind === "ask") {
      const names = addon.env.map((name) => renamed(name, addon, wanted));
      const message = `No cloud manages what \`${wanted.service}\` gives, so visitors are asked for ${names.join(", ")}.`;
      report.remark(wanted.where, message);
      const description = `From ${addon.what}.`;
      variables.push(...names.map((name) => variable(name, { description, secret: true })));
    } else resources.push(made(addon, wanted, resources));
  }
  return { resources, variables };
}

function made(addon: Extract<Addon, { kind: "resource" }>, wanted: Wanted, taken: readonly Resource[]): Resource {
  const { type } = addon;
  const again = taken.some((other) => Object.keys(addon.env).some((name) => Object.hasOwn(other.env, name)));
  const draft = resource(type, taken, { version: wanted.version });
  const suffix = again && wanted.as === undefined ? `_${draft.name.replace(/^.*-/, "")}` : "";
  const entries = Object.entries(addon.env).map(([name, value]) => {
    const own = renamed(name, addon, wanted);
    return [suffix === "" ? own : own.replace(/(_[A-Z]+)?$/, (tail) => `${suffix}${tail}`), value];
  });
  const env = Object.fromEntries(entries);
  // Heroku calls the first database DATABASE whatever else it is called.
  if (wanted.service === "heroku-postgresql" && !again) env.DATABASE_URL = "${url}";
  const name = wanted.as === undefined ? undefined : slug(wanted.as);
  return resource(type, taken, { version: wanted.version, env, ...(name ? { name } : {}) });
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 30);

/** `as` takes the place of the add-on's own name in front of its variables. */
function renamed(name: string, addon: Addon, { as }: Wanted): string {
  if (as === undefined || addon.kind === "ignore") return name;
  const prefix = addon.kind === "resource" ? addon.prefix : name.replace(/_(URL|URI|DSN|API_KEY|TOKEN)$/, "");
  const head = as.toUpperCase().replace(/[^A-Z0-9_]+/g, "_");
  return name.startsWith(prefix) ? `${head}${name.slice(prefix.length)}` : name;
}

function list(tree: Tree | undefined, report: Diagnostics): Wanted[] {
  if (tree === undefined || tree.kind === "null") return [];
  if (tree.kind === "object") return fromObject(tree, report);
  if (tree.kind === "text") {
    const edit = { at: tree.at, remove: tree.end - tree.at, insert: `[${JSON.stringify(tree.value)}]` };
    report.fault(tree, "`addons` is text where a list belongs.", `Write \`["${short(tree.value)}"]\`.`, edit);
    return one(tree, tree.value, tree);
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
    if (plan !== undefined && plan.trim() !== "") return one(item, plan, item);
    report.problem(
      item,
      "This add-on has no plan.",
      'Write `"heroku-postgresql"` or `{ "plan": "heroku-postgresql" }`.',
    );
    return [];
  });
}

/** `{ "heroku-postgresql": { … } }` or a single `{ "plan": … }`, where a list belongs. */
function fromObject(tree: ObjectTree, report: Diagnostics): Wanted[] {
  const plan = scalar(get(tree, "plan"));
  const found =
    plan !== undefined
      ? one(tree, plan, tree)
      : [...tree.entries].flatMap(([name, { value }]) => {
          const inner = scalar(get(value, "plan")) ?? scalar(value);
          return one(value, inner?.includes(":") ? inner : name, value);
        });
  const names = found.map(({ service }) => service);
  const edit = { at: tree.at, remove: tree.end - tree.at, insert: JSON.stringify(names) };
  const message = `\`addons\` is an object where a list belongs; it is read as ${names.map((name) => `\`${short(name)}\``).join(", ") || "empty"}.`;
  report.fault(tree, message, `Write \`${short(JSON.stringify(names), 200)}\`.`, edit);
  return found;
}

function one(where: Tree, plan: string, options: Tree): Wanted[] {
  const service = plan.trim().toLowerCase().split(":")[0] ?? "";
  const version = scalar(get(get(options, "options"), "version")) ?? null;
  const as = scalar(get(options, "as"));
  return [{ service, as: as === undefined || as.trim() === "" ? undefined : as.trim(), version, where }];
}
