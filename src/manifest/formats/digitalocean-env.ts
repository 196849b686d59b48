import type { Resource } from "../../app.ts";
import type { VariableSource } from "../components.ts";
import { isSecret } from "../infer/variable.ts";
import { type Diagnostics, short } from "../syntax/diagnostics.ts";
import { get, scalar, type Tree } from "../syntax/tree.ts";

/** Reads `envs` of a component. */
export function envOf(
  items: readonly Tree[],
  resources: readonly Resource[],
  report: Diagnostics,
): Map<string, VariableSource> {
  const env = new Map<string, VariableSource>();
  for (const item of items) {
    const name = scalar(get(item, "key"));
    if (name === undefined) {
      report.remark(item, "This variable has no `key`, and is passed over.", "Write `key: NAME`.");
      continue;
    }
    if (scalar(get(item, "scope")) === "BUILD_TIME") {
      report.remark(item, `\`${short(name)}\` is for building only; it is set while the app runs as well.`);
    }
    const value = scalar(get(item, "value"));
    const secret = scalar(get(item, "type")) === "SECRET" || isSecret(name, value);
    env.set(name, sourceOf(name, value, secret, resources));
  }
  return env;
}

const fields: Record<string, string> = {
  DATABASE_URL: "url",
  HOSTNAME: "host",
  PORT: "port",
  DATABASE: "name",
  USERNAME: "username",
  PASSWORD: "password",
  REDIS_URL: "url",
};

/** Missing values are asked for, empty ones are optional, `${db.DATABASE_URL}` and the like are bound. */
function sourceOf(
  name: string,
  value: string | undefined,
  secret: boolean,
  resources: readonly Resource[],
): VariableSource {
  if (value === undefined) return { kind: "ask", declaration: { required: true, secret } };
  if (value === "") return { kind: "ask", declaration: { required: false, secret } };
  // Encrypted values are useless outside the author's account.
  if (/^EV\[/.test(value) || /^<REQUIRED>$/i.test(value))
    return { kind: "ask", declaration: { required: true, secret } };
  let owner: string | undefined;
  let hasUnknown = false;
  const text = value.replace(
    /\$\{([\w-]+)(?:\.([\w-]+))?\}/g,
    (reference, component: string, property: string | undefined) => {
      if (property === undefined) {
        if (component === "APP_URL") return "${app.url}";
        if (component === "APP_DOMAIN") return "${app.host}";
        hasUnknown = true;
        return reference;
      }
      const field = Object.hasOwn(fields, property) ? fields[property] : undefined;
      if (resources.some((candidate) => candidate.name === component) && field) {
        owner = component;
        return `\${${field}}`;
      }
      if (property === "PUBLIC_URL") return "${app.url}";
      if (property === "PRIVATE_URL") return `http://\${service.${component}.host}:\${service.${component}.port}`;
      if (/^(PRIVATE_DOMAIN|HOSTNAME)$/.test(property)) return `\${service.${component}.host}`;
      if (/^(PRIVATE_PORT|PORT)$/.test(property)) return `\${service.${component}.port}`;
      hasUnknown = true;
      return reference;
    },
  );
  if (hasUnknown)
    return {
      kind: "ask",
      declaration: {
        required: true,
        secret,
        ...(value === `\${${name}}` ? {} : { description: `On DigitalOcean: ${short(value)}` }),
      },
    };
  if (owner !== undefined) return { kind: "fill", resource: owner, text };
  return text === value ? { kind: "ask", declaration: { value, secret } } : { kind: "fixed", text };
}
