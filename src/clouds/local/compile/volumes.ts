import { posix } from "node:path";

/** Where images and buildpacks put an app: here that is the folder of its files. */
const appRoots = ["/app", "/workspace", "/usr/src/app", "/code", "/opt/render/project/src"];

/** Returns a volume's path relative to the app's folder: "" for the whole folder, null if it is outside. */
export function pathInApp(mount: string): string | null {
  const path = posix.normalize(mount).replace(/\/+$/, "");
  const root = appRoots.find((candidate) => path === candidate || path.startsWith(`${candidate}/`));
  return root === undefined ? null : path.slice(root.length + 1);
}
