import type { Tree } from "../../syntax/tree.ts";

const manifestKeys =
  /"(name|description|env|addons|formation|buildpacks|stack|image|scripts|repository|keywords|website|logo|success_url|environments|cron|healthchecks|options|build|hooks|cloud|services)"\s*:/;

/** Returns which other program an `app.json` belongs to; null if it may be a manifest. */
export function otherKind(root: Tree | null, text: string): string | null {
  if (root === null) return /^\s*\{\s*"/.test(text) && !manifestKeys.test(text) ? "some program's data" : null;
  if (root.kind !== "object") return null;
  const has = (key: string) => root.entries.has(key);
  const manifest = ["env", "addons", "formation", "buildpacks", "stack", "scripts", "success_url", "cloud"].some(has);
  if (manifest) return null;
  if (has("expo")) return "the configuration of an Expo app";
  if (has("displayName")) return "the configuration of a React Native app";
  if (has("pages") && (has("window") || has("tabBar") || root.entries.size <= 3))
    return "the configuration of a mini-program";
  if (root.entries.size === 0 || manifestKeys.test([...root.entries.keys()].map((key) => `"${key}":`).join()))
    return null;
  return "some program's data";
}
