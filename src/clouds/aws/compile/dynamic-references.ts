import type { App } from "../../../app.ts";
import { dynamicReference } from "../cloudformation.ts";

const marker = "{{resolve:";

/**
 * Returns the paths in an app that CloudFormation would read as a reference to a secret of the account. There is no
 * escape, so such an app cannot run here. `${...}` may be replaced by anything without braces, or by nothing.
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

/** Whether the text can become a reference once its placeholders are filled. */
function canBecomeReference(text: string): boolean {
  const parts = text.split(/\$\{[\w.]+\}/);
  if (parts.length === 1) return false;
  if (dynamicReference.test(parts.join(""))) return true;
  return parts.slice(0, -1).some((part) => {
    const end = part.toLowerCase();
    return [...marker].some((_, index) => index >= 2 && end.endsWith(marker.slice(0, index)));
  });
}
