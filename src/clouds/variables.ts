import type { App, Resource, ResourceType, Variable } from "../app.ts";
import { listeningPort } from "./services.ts";

/** Everything a visitor is asked: the app's variables, and those of resources that the cloud makes nothing for. */
export function variablesToAsk(isMade: (type: ResourceType) => boolean, app: App): Variable[] {
  const all = new Map<string, Variable>();
  for (const resource of app.resources.filter(({ type }) => !isMade(type)))
    for (const [name, template] of Object.entries(resource.env)) all.set(name, ask(resource, name, template));
  for (const variable of app.variables) all.set(variable.name, variable);
  for (const name of known(isMade, app)) all.delete(name);
  return [...all.values()].map((one) => (one.name === "APP_URL" && one.default === null ? withOwnUrl(one) : one));
}

/** What the stack tells the app by itself, so that nobody needs to be asked. */
const known = (isMade: (type: ResourceType) => boolean, { services, resources, env = {} }: App): string[] => [
  ...resources.filter(({ type }) => isMade(type)).flatMap((one) => Object.keys(one.env)),
  ...Object.keys(env),
  ...(services.some((service) => listeningPort(service) !== null) ? ["PORT"] : []),
];

const ask = ({ name: resource, type }: Resource, name: string, template: string): Variable => ({
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
