import type { Template, Value } from "../../../src/clouds/aws/cloudformation.ts";

/** Text that a manifest or a visitor chooses; a validator may object to any other text. */
const freeText = new Set([
  "Name",
  "Value",
  "Command",
  "Image",
  "HealthCheckPath",
  "Input",
  "Title",
  "Commit",
  "Key",
  "ValueFrom",
]);

/**
 * Returns the templates that contain anything new: a resource with other properties, or other text of our own. The
 * rest differ from them only in names and commands.
 */
export function differing<T extends { template: Template }>(templates: T[]): T[] {
  const seenShapes = new Set<string>();
  return templates.filter(({ template }) => {
    const shapes = Object.values(template.Resources).map(({ Type, Condition, DependsOn, Properties, ...otherFields }) =>
      JSON.stringify([Type, otherFields, Condition, DependsOn?.length, shapeOf(Properties ?? {}, "", template)]),
    );
    const parameters = Object.values(template.Parameters).map((item) => `parameter ${Object.keys(item).join()}`);
    const newShapes = [...shapes, ...parameters].filter((shape) => !seenShapes.has(shape));
    for (const shape of newShapes) seenShapes.add(shape);
    return newShapes.length > 0;
  });
}

function shapeOf(value: Value, key: string, template: Template): unknown {
  if (Array.isArray(value)) {
    if (key === "Fn::GetAtt") return [template.Resources[String(value[0])]?.Type, value[1]];
    return [
      ...new Set(value.map((item) => JSON.stringify(shapeOf(item, freeText.has(key) ? key : "", template)))),
    ].toSorted();
  }
  if (typeof value === "object" && value !== null)
    return Object.entries(value).map(([name, item]) => [name, shapeOf(item, name, template)]);
  if (key === "Ref") return template.Resources[String(value)]?.Type ?? typeof value;
  if (key === "Fn::Sub") return String(value).replace(/\$\{(App|Data|Env)\w+/g, "${$1");
  return freeText.has(key) || key === "" || typeof value === "number" ? typeof value : value;
}
