import type { App, Resource as Needed, Variable } from "../../app.ts";
import { hasAddress } from "./addresses.ts";
import { askedFor, isMade } from "./data.ts";
import { portOf } from "./served.ts";

/** Everything a visitor is asked: the app's variables, and those of resources that Google has nothing for. */
export function asked(app: App): Variable[] {
  const all = new Map<string, Variable>();
  for (const resource of askedFor(app))
    for (const [name, template] of Object.entries(resource.env)) all.set(name, ask(resource, name, template));
  for (const variable of app.variables) all.set(variable.name, variable);
  for (const name of known(app)) all.delete(name);
  return [...all.values()].map((one) => (one.name === "APP_URL" && one.default === null ? withOwnUrl(one) : one));
}

/** What the stack tells the app by itself, so that nobody needs to be asked. */
const known = ({ services, resources, env = {} }: App): string[] => [
  ...resources.filter(({ type }) => isMade(type)).flatMap((one) => Object.keys(one.env)),
  ...Object.keys(env),
  ...(services.some((service) => portOf(service) !== null) ? ["PORT"] : []),
];

const ask = ({ name: resource, type }: Needed, name: string, template: string): Variable => ({
  name,
  description: `The ${/\$\{(\w+)\}/.exec(template)?.[1] ?? "address"} of your own ${type} (${resource})`,
  type: "text",
  required: type !== "smtp",
  default: null,
  placeholder: null,
  secret: /\$\{(url|password|secret_key)\}/.test(template),
  generator: null,
  options: null,
});

const withOwnUrl = (variable: Variable): Variable => ({ ...variable, required: false, default: "${app.url}" });

export const isOptional = (variable: Variable): boolean =>
  !variable.required && variable.default === null && variable.generator === null;
export const isLate = ({ default: fallback }: Variable): boolean => fallback !== null && hasAddress(fallback);

/** Cloud Run tells these by itself, and takes no names that no shell could say: https://cloud.google.com/run/docs/configuring/services/environment-variables */
export const isName = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_.-]*$/.test(name) &&
  !/^(?:PORT|K_(?:SERVICE|REVISION|CONFIGURATION)|CLOUD_RUN_.*|X_GOOGLE_.*)$/.test(name);
