import type { App } from "../../../app.ts";
import { dynamicReference } from "../cloudformation.ts";

const word = "{{resolve:";

/**
 * Where an app says what CloudFormation would take for a reference to a secret of the account it runs in. There is no
 * escape for it, so such an app cannot run here. `${...}` may be replaced by anything but braces, or by nothing.
 */
export function findDynamicReferences(app: App): string[] {
  const found: string[] = [];
  const look = (value: unknown, path: string) => {
    if (typeof value === "string") {
      if (dynamicReference.test(value) || mayBecome(value)) found.push(path);
    } else if (Array.isArray(value)) {
      for (const [index, one] of value.entries()) look(one, `${path}.${index}`);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, one] of Object.entries(value)) {
        if (dynamicReference.test(key)) found.push(path);
        look(one, path === "" ? key : `${path}.${key}`);
      }
    }
  };
  look(app, "");
  return found;
}

/** Whether the text can turn into a reference once its placeholders are filled. */
function mayBecome(text: string): boolean {
  const parts = text.split(/\$\{[\w.]+\}/);
  if (parts.length === 1) return false;
  if (dynamicReference.test(parts.join(""))) return true;
  return parts.slice(0, -1).some((part) => {
    const end = part.toLowerCase();
    return [...word].some((_, index) => index >= 2 && end.endsWith(word.slice(0, index)));
  });
}
