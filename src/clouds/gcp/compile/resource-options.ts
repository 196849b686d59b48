import type { Resource } from "../../../app.ts";
import { maxmemoryPolicy } from "../../redis-eviction.ts";
import type { CompileContext } from "./context.ts";

const clamp = (low: number, value: number, high: number) => Math.min(Math.max(Math.ceil(value), low), high);

/** Returns the options of a resource from the manifest, limited to what Google supports, over those of the preset. */
export function resourceOptions({ size, options = {} }: Resource, { settings }: Pick<CompileContext, "settings">) {
  const { class: type, storage, ha, eviction, "backup.retain": days } = options;
  return {
    tier: typeof type === "string" && /^db-[a-z0-9-]{1,40}$/.test(type) ? type : settings.database[size],
    storage: typeof storage === "number" ? clamp(10, storage, 30_720) : settings.storage,
    standby: typeof ha === "boolean" ? ha : settings.highAvailability,
    backups: typeof days === "number" ? clamp(1, days, 365) : settings.backups,
    eviction: maxmemoryPolicy(eviction),
  };
}
