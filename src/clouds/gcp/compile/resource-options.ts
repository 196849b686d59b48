import type { Resource as Needed } from "../../../app.ts";
import { maxmemoryPolicy } from "../../redis-eviction.ts";
import type { CompileContext } from "./context.ts";

const between = (low: number, value: number, high: number) => Math.min(Math.max(Math.ceil(value), low), high);

/** What a manifest wishes of a resource, where Google can do it, over what the preset says. */
export function resourceOptions({ size, options = {} }: Needed, { settings }: Pick<CompileContext, "settings">) {
  const { class: type, storage, ha, eviction, "backup.retain": days } = options;
  return {
    tier: typeof type === "string" && /^db-[a-z0-9-]{1,40}$/.test(type) ? type : settings.database[size],
    storage: typeof storage === "number" ? between(10, storage, 30_720) : settings.storage,
    standby: typeof ha === "boolean" ? ha : settings.highAvailability,
    backups: typeof days === "number" ? between(1, days, 365) : settings.backups,
    eviction: maxmemoryPolicy(eviction),
  };
}
