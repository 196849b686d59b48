import type { App, Resource, Variable } from "../../../app.ts";
import { variablesFor } from "../../../manifest/infer/resource-variables.ts";
import { type ManagedType, products } from "../prices.ts";

/** Whether this machine runs such a resource; for others the visitor provides one of their own. */
export const isManaged = (type: Resource["type"]): type is ManagedType => Object.hasOwn(products, type);

/** Returns every variable a visitor is asked for: the app's, and those of resources that this machine does not run. */
export function askedVariables({ variables, resources, env = {} }: App): Variable[] {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const filled = new Set(resources.flatMap(({ type, env: outputs }) => (isManaged(type) ? Object.keys(outputs) : [])));

  for (const resource of resources) {
    if (isManaged(resource.type)) continue;
    for (const question of variablesFor(resource)) {
      const { name } = question;
      if (byName.has(name) || filled.has(name) || Object.hasOwn(env, name)) continue;
      // Most apps run without mail and only fail when they try to send some.
      byName.set(name, resource.type === "smtp" ? { ...question, required: false } : question);
    }
  }
  return [...byName.values()];
}
