import type { App, Resource, ResourceType, Variable } from "../app.ts";
import { listeningPort } from "./services.ts";

/** Returns every variable a visitor is asked for: the app's, and those of resources that the cloud does not manage. */
export function variablesToAsk(isManaged: (type: ResourceType) => boolean, app: App): Variable[] {
  const byName = new Map<string, Variable>();
  for (const resource of app.resources.filter(({ type }) => !isManaged(type)))
    for (const [name, template] of Object.entries(resource.env))
      byName.set(name, resourceVariable(resource, name, template));
  for (const variable of app.variables) byName.set(variable.name, variable);
  for (const name of providedNames(isManaged, app)) byName.delete(name);
  return [...byName.values()].map((variable) =>
    variable.name === "APP_URL" && variable.default === null ? withAppUrl(variable) : variable,
  );
}

/** Returns the names of variables whose values the stack provides. */
const providedNames = (
  isManaged: (type: ResourceType) => boolean,
  { services, resources, env = {} }: App,
): string[] => [
  ...resources.filter(({ type }) => isManaged(type)).flatMap((resource) => Object.keys(resource.env)),
  ...Object.keys(env),
  ...(services.some((service) => listeningPort(service) !== null) ? ["PORT"] : []),
];

const resourceVariable = ({ name: resource, type }: Resource, name: string, template: string): Variable => ({
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

const withAppUrl = (variable: Variable): Variable => ({ ...variable, required: false, default: "${app.url}" });
