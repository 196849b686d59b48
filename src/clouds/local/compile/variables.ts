import type { App, Resource, Variable } from "../../../app.ts";
import { variablesFor } from "../../../manifest/infer/resource-variables.ts";
import { type Made, products } from "../prices.ts";

/** Whether this machine has such a resource; for the others the visitor gives one of their own. */
export const isManaged = (type: Resource["type"]): type is Made => Object.hasOwn(products, type);

/** Everything a visitor is asked: the app's variables, and those of resources that this machine has nothing for. */
export function askedVariables({ variables, resources, env = {} }: App): Variable[] {
  const all = new Map(variables.map((one) => [one.name, one]));
  const filled = new Set(resources.flatMap((one) => (isManaged(one.type) ? Object.keys(one.env) : [])));

  for (const resource of resources) {
    if (isManaged(resource.type)) continue;
    for (const question of variablesFor(resource)) {
      const { name } = question;
      if (all.has(name) || filled.has(name) || Object.hasOwn(env, name)) continue;
      // Most apps run without mail, and only complain when they would send some.
      all.set(name, resource.type === "smtp" ? { ...question, required: false } : question);
    }
  }
  return [...all.values()];
}
