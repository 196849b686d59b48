import type { Resource as Needed } from "../../../app.ts";
import { maxmemoryPolicy } from "../../redis-eviction.ts";
import type { CompileContext } from "./context.ts";

/** Returns the manifest's options where AWS supports them, or else those of the preset. */
export function resourceOptions({ options = {} }: Needed, { settings }: CompileContext) {
  const { class: type, storage, ha, eviction, "backup.retain": days } = options;
  return {
    type: (kind: "db" | "cache"): string | undefined =>
      typeof type === "string" && new RegExp(`^${kind}\\.[a-z0-9]{1,12}\\.[a-z0-9]{1,12}$`).test(type)
        ? type
        : undefined,
    storage: typeof storage === "number" ? Math.min(Math.max(Math.ceil(storage), 20), 16_384) : settings.storage,
    standby: typeof ha === "boolean" ? ha : settings.multiAz,
    backupDays: typeof days === "number" ? Math.min(Math.max(Math.round(days), 1), 35) : settings.backupDays,
    eviction: maxmemoryPolicy(eviction),
  };
}
