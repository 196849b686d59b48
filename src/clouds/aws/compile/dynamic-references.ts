import type { App } from "../../../app.ts";
import { dynamicReference } from "../cloudformation.ts";

const marker = "{{resolve:";

/**
 * Where an app says what CloudFormation would take for a reference to a secret of the account it runs in. There is no
 * escape for it, so such an app cannot run here. `${...}` may be replaced by anything but braces, or by nothing.
 */
export function findDynamicReferences(app: App): string[] {
  const paths: string[] = [];
  const visit = (value: unknown, path: string) => {
    if (typeof value === "string") {
      if (dynamicReference.test(value) || canBecomeReference(value)) paths.push(path);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, `${path}.${index}`);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (dynamicReference.test(key)) paths.push(path);
        visit(item, path === "" ? key : `${path}.${key}`);
      }
    }
  };
  visit(app, "");
  return paths;
}

/** Whether the text can turn into a reference once its placeholders are filled. */
function canBecomeReference(text: string): boolean {
  const parts = text.split(/\$\{[\w.]+\}/);
  if (parts.length === 1) return false;
  if (dynamicReference.test(parts.join(""))) return true;
  return parts.slice(0, -1).some((part) => {
    const end = part.toLowerCase();
    return [...marker].some((_, index) => index >= 2 && end.endsWith(marker.slice(0, index)));
  });
}
