import type { Resource } from "../../app.ts";
import type { VariableSource } from "../components.ts";
import { secretGenerator } from "../infer/variable.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { get, scalar, type Tree } from "../syntax/tree.ts";

/** What the variables of a blueprint may refer to. */
export interface BlueprintScope {
  resources: Resource[];
  groups: Map<string, Tree[]>;
  /** The `envVars` of each service. */
  services: Map<string, Tree[]>;
  /** The service at the app's own address. */
  primary: string | null;
  /** `service.KEY` of variables that another service takes under another name. */
  shared: Set<string>;
}

const fields: Record<string, string> = {
  connectionString: "${url}",
  connectionURI: "${url}",
  host: "${host}",
  port: "${port}",
  hostport: "${host}:${port}",
  user: "${username}",
  password: "${password}",
  database: "${name}",
};

/** Reads `envVars`, with the groups they name. `owner`: the service they belong to. */
export function envOf(
  items: readonly Tree[],
  owner: string,
  scope: BlueprintScope,
  report: Diagnostics,
): Map<string, VariableSource> {
  const env = new Map<string, VariableSource>();
  for (const item of items) {
    const group = scalar(get(item, "fromGroup"));
    if (group !== undefined) {
      const groupItems = scope.groups.get(group);
      if (groupItems) for (const [name, source] of envOf(groupItems, owner, scope, report)) env.set(name, source);
      else
        report.remark(item, `There is no group of variables called \`${short(group)}\`.`, "List it in `envVarGroups`.");
      continue;
    }
    const name = scalar(get(item, "key"));
    if (name === undefined)
      report.remark(item, "This variable has no `key`, and is passed over.", "Write `key: NAME`.");
    else {
      const source = sourceOf(item, name, owner, scope, report);
      if (source) env.set(name, source);
    }
  }
  return env;
}

function sourceOf(
  item: Tree,
  name: string,
  owner: string,
  scope: BlueprintScope,
  report: Diagnostics,
): VariableSource | null {
  if (scalar(get(item, "generateValue")) === "true") {
    // Two names for one generated value cannot be filled in, so visitors give it.
    if (scope.shared.has(`${owner}.${name}`))
      return { kind: "ask", declaration: { secret: true, description: "Another service takes the same value." } };
    return { kind: "ask", declaration: { generator: secretGenerator } };
  }
  const from = get(item, "fromDatabase") ?? get(item, "fromService");
  if (from === undefined) {
    const value = scalar(get(item, "value"));
    return { kind: "ask", declaration: { value, required: value !== "" } };
  }
  const source = scalar(get(from, "name")) ?? "";
  const property = scalar(get(from, "property"));
  const field = property !== undefined && Object.hasOwn(fields, property) ? fields[property] : undefined;
  if (scope.resources.some(({ name }) => name === source))
    return { kind: "fill", resource: source, text: field ?? "${url}" };
  const key = scalar(get(from, "envVarKey"));
  if (key === "RENDER_EXTERNAL_URL" || key === "RENDER_EXTERNAL_HOSTNAME") {
    const isApp = source === scope.primary || !scope.services.has(source);
    const host = isApp ? "${app.host}" : `\${service.${source}.host}`;
    return { kind: "fixed", text: key.endsWith("HOSTNAME") ? host : isApp ? "${app.url}" : `https://${host}` };
  }
  // All services share one value anyway.
  if (key === name) return null;
  if (property === "host" || property === "port" || property === "hostport") {
    const host = `\${service.${source}.host}`;
    const port = `\${service.${source}.port}`;
    return { kind: "fixed", text: property === "host" ? host : property === "port" ? port : `${host}:${port}` };
  }
  const other = scope.services.get(source)?.find((candidate) => scalar(get(candidate, "key")) === key);
  if (other && key !== undefined) {
    const shared = get(other, "fromService") === undefined ? sourceOf(other, key, source, scope, report) : null;
    if (shared?.kind === "ask" && shared.declaration.value === undefined) {
      const message = `\`${short(name)}\` and \`${short(key)}\` of \`${short(source)}\` must have the same value.`;
      report.remark(item, message, "Give both the same name, so that one value serves both.");
    }
    if (shared) return shared;
  }
  const origin = key ? `\`${short(key)}\` of \`${short(source)}\`` : `\`${short(source)}\``;
  report.remark(
    item,
    `${short(owner)} takes \`${short(name)}\` from ${origin}, which is not known here; visitors are asked for it.`,
  );
  return { kind: "ask", declaration: { required: true } };
}
