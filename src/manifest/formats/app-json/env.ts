import type { Variable } from "../../../app.ts";
import { declareVariable } from "../../declare-variable.ts";
import { isEnvName, isShellName, secretGenerator, type VariableDeclaration } from "../../infer/variable.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { type Entry, entriesOf, get, itemsOf, kindOf, scalar, type Tree } from "../../syntax/tree.ts";

const knownKeys = new Set(["description", "value", "required", "generator", "order"]);

/** Reads `env`. A text is a default. Cloud Run Button's `order` sorts the variables. */
export function readEnv(env: Tree | undefined, report: Diagnostics): Variable[] {
  if (env === undefined || env.kind === "null") return [];
  if (env.kind === "list") return fromList(env, report);
  if (env.kind !== "object") {
    report.problem(env, `\`env\` is ${kindOf(env)} where an object belongs.`, 'Write `"env": { "NAME": { … } }`.');
    return [];
  }
  const ordered: { variable: Variable; order: number }[] = [];
  for (const [name, entry] of env.entries) {
    if (!checkName(name, entry, report)) continue;
    const order = Number(scalar(get(entry.value, "order")) ?? Number.POSITIVE_INFINITY);
    ordered.push({
      variable: variableOf(name, entry.value, report),
      order: Number.isNaN(order) ? Number.POSITIVE_INFINITY : order,
    });
  }
  return ordered.sort((a, b) => (a.order === b.order ? 0 : a.order - b.order)).map((entry) => entry.variable);
}

/** Reads `["NAME"]` and `[{ "name": "NAME" }]`. */
function fromList(env: Tree, report: Diagnostics): Variable[] {
  report.remark(env, "`env` is a list where an object belongs.", 'Write `"env": { "NAME": { … } }`.');
  return itemsOf(env).flatMap((item) => {
    const name = scalar(item) ?? scalar(get(item, "name")) ?? scalar(get(item, "key"));
    if (name === undefined) {
      report.problem(item, "This variable has no name.", 'Write `"env": { "NAME": { … } }`.');
      return [];
    }
    const [, key = name, value] = /^([^=]+)=(.*)$/s.exec(name) ?? [];
    if (!checkName(key, { key: item, value: item }, report)) return [];
    return [item.kind === "object" ? variableOf(key, item, report) : declareVariable(key, { value }, item, report)];
  });
}

/** Rejects names that visitors are never asked for and names that no environment can hold. */
function checkName(name: string, { key, value }: Entry, report: Diagnostics): boolean {
  const fix = "Remove it.";
  if (name === "PORT") {
    report.remark(key, "`PORT` is what the cloud tells the app, so nobody is asked for it.", fix);
    return false;
  }
  if (name === "BUILDPACK_URL") {
    const url = scalar(value) ?? scalar(get(value, "value"));
    const write = url ? `Write \`"buildpacks": [{ "url": "${short(url, 200)}" }]\` instead.` : fix;
    report.remark(key, "`BUILDPACK_URL` says how to build, and is no variable of the app.", write);
    return false;
  }
  if (!isEnvName(name)) {
    const message = `\`${short(name)}\` cannot be the name of an environment variable, and is left out.`;
    report.remark(key, message, "Use letters, digits and underscores.");
    return false;
  }
  if (!isShellName(name)) {
    report.remark(key, `No shell can read a variable called \`${short(name)}\`; some clouds refuse it.`);
  }
  return true;
}

function variableOf(name: string, tree: Tree, report: Diagnostics): Variable {
  if (tree.kind !== "object") {
    const value = asText(tree, report);
    return declareVariable(name, { value }, tree, report);
  }
  for (const [key, entry] of tree.entries) {
    if (key === "default" && get(tree, "value") === undefined) {
      report.remark(entry.key, "The default of a variable is its `value`, and is taken as that.", "Write `value`.");
    } else if (!knownKeys.has(key) && !(key === "name" || key === "key")) {
      report.remark(entry.key, `\`${short(key)}\` says nothing about a variable here, and is passed over.`);
    }
  }
  const description = scalar(get(tree, "description")) ?? "";
  const value = asText(get(tree, "value") ?? get(tree, "default"), report);
  const generator = asGenerator(get(tree, "generator"), report);
  let required = asFlag(get(tree, "required"), report);
  if (required === undefined && !value && !generator && /\boptional\b/i.test(description)) {
    report.remark(tree, "The description calls it optional, so it is not required.", 'Write `"required": false`.');
    required = false;
  }
  if (generator && value)
    report.remark(get(tree, "value") ?? null, "It is generated, so this value is not used.", "Remove it.");
  const declaration: VariableDeclaration = { description, value, required, generator };
  return declareVariable(name, declaration, get(tree, "value") ?? tree, report);
}

function asText(tree: Tree | undefined, report: Diagnostics): string | undefined {
  if (tree === undefined || tree.kind === "null") return undefined;
  const text = scalar(tree);
  if (text === undefined) {
    const written = short(report.text.slice(tree.at, tree.end));
    report.remark(
      tree,
      `This value is ${kindOf(tree)}, and is taken as the text \`${written}\`.`,
      "Write it in quotes.",
    );
    return report.text.slice(tree.at, tree.end);
  }
  if (tree.kind !== "text") {
    const edit = { at: tree.at, remove: tree.end - tree.at, insert: JSON.stringify(text) };
    report.fault(tree, `This value is ${kindOf(tree)}; variables are text.`, `Write \`"${short(text)}"\`.`, edit);
  }
  return text;
}

function asFlag(tree: Tree | undefined, report: Diagnostics): boolean | undefined {
  if (tree === undefined || tree.kind === "null") return undefined;
  if (tree.kind === "boolean") return tree.value;
  const flag = { true: true, false: false, yes: true, no: false, "1": true, "0": false }[
    (scalar(tree) ?? "").toLowerCase()
  ];
  if (flag === undefined) {
    report.problem(tree, `\`required\` is ${kindOf(tree)} where true or false belongs.`, "Write `true` or `false`.");
    return undefined;
  }
  const edit = { at: tree.at, remove: tree.end - tree.at, insert: String(flag) };
  report.fault(tree, `\`required\` is ${kindOf(tree)}, and is taken as ${flag}.`, `Write \`${flag}\`.`, edit);
  return flag;
}

function asGenerator(tree: Tree | undefined, report: Diagnostics): VariableDeclaration["generator"] {
  if (tree === undefined || tree.kind === "null" || (tree.kind === "text" && tree.value === "")) return null;
  if (scalar(tree) !== "secret") {
    report.remark(tree, "The only generator is `secret`, so this is taken as one.", 'Write `"generator": "secret"`.');
  }
  return secretGenerator;
}

/** Returns the buildpack of an old `BUILDPACK_URL` variable. */
export function buildpackOf(env: Tree | undefined): string | undefined {
  const entry = entriesOf(env).find(([name]) => name === "BUILDPACK_URL")?.[1].value;
  return scalar(entry) ?? scalar(get(entry, "value"));
}
