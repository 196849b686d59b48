import { inside, type VariableSource } from "../../components.ts";
import { interpolate, type Values } from "../../compose-interpolation.ts";
import { examples, type Line, readDotenv } from "../../dotenv.ts";
import type { Files } from "../../format.ts";
import { type Diagnostics, short } from "../../syntax/diagnostics.ts";
import { entriesOf, get, itemsOf, scalar, type Tree } from "../../syntax/tree.ts";
import { addressed } from "./service-address.ts";

/** What a value of one service may mean, given all the others. */
export interface Environment {
  /** By the name a neighbour has for it: the resource that takes the place of a database's container. */
  hosts: Map<string, string>;
  /** Services that are left out. */
  gone: Set<string>;
  services: Map<string, string>;
  values: Values;
  files: Files;
  report: Diagnostics;
}

/** `environment` as an object or a list, on top of the `env_file`s that are in the repository. */
export function envOf(service: Tree, all: Environment): Map<string, VariableSource> {
  const env = new Map<string, VariableSource>(fromFiles(get(service, "env_file"), all));
  const environment = get(service, "environment");
  for (const [name, { value }] of entriesOf(environment)) {
    env.set(name, givenBy(value.kind === "null" ? undefined : (scalar(value) ?? ""), all));
  }
  for (const item of itemsOf(environment)) {
    const [, name, value] = /^([^=]+?)\s*(?:=([\s\S]*))?$/.exec(scalar(item) ?? "") ?? [];
    if (name !== undefined) env.set(name, givenBy(value, all));
  }
  return env;
}

function fromFiles(tree: Tree | undefined, all: Environment): [string, VariableSource][] {
  const items = tree?.kind === "list" ? tree.items : tree ? [tree] : [];
  const given: [string, VariableSource][] = [];
  const unknown: string[] = [];
  for (const item of items) {
    const written = interpolate(scalar(item) ?? scalar(get(item, "path")) ?? "", all.values).text;
    const path = inside(written);
    const file = [path, ...(path === ".env" ? examples : [])].find((name) => all.files.text.get(name));
    if (file === undefined) unknown.push(written);
    else for (const [name, line] of readDotenv(all.files.text.get(file) ?? "")) given.push([name, fromLine(line, all)]);
  }
  if (tree && unknown.length > 0) {
    const list = `${unknown
      .slice(0, 3)
      .map((path) => `\`${short(path)}\``)
      .join(", ")}${unknown.length > 3 ? ", …" : ""}`;
    all.report.remark(
      tree,
      `The variables of ${list} are not known here.`,
      "List them in `environment`, or in an app.json.",
    );
  }
  return given;
}

/** An example's value is a default; what it leaves empty may stay so. */
function fromLine({ value, description }: Line, all: Environment): VariableSource {
  const given = givenBy(value, all);
  return given.kind === "ask" ? { kind: "ask", asked: { description, ...given.asked, required: value !== "" } } : given;
}

/** No value is handed through: it may stay empty. */
function givenBy(written: string | undefined, all: Environment): VariableSource {
  if (written === undefined) return { kind: "ask", asked: { required: false } };
  const { text, open, message } = interpolate(written, all.values);
  const filled = open.length === 0 ? addressed(text, all.hosts, all.services) : null;
  if (filled) return filled;
  if (open.length > 0) {
    const shown = text === "" ? "" : `In the compose file: ${short(written, 200)}`;
    return { kind: "ask", asked: { required: true, description: message ? short(message, 300) : shown } };
  }
  if (all.gone.has(text.replace(/^[a-z]+:\/\//, "").replace(/[:/].*$/, "")))
    return { kind: "ask", asked: { required: false } };
  return { kind: "ask", asked: { value: text, required: text !== "" } };
}
