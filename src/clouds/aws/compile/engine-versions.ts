import type { ResourceType } from "../../../app.ts";
import { nearestVersion, satisfies } from "../../compare-versions.ts";

/** The engine versions that RDS and ElastiCache support without a surcharge, oldest first. */
const engines: Partial<Record<ResourceType, { supported: readonly string[]; default: string }>> = {
  postgres: { supported: ["14", "15", "16", "17"], default: "17" },
  mysql: { supported: ["8.4"], default: "8.4" },
  redis: { supported: ["8.0"], default: "8.0" },
};

/** Returns the version to create: the requested one, or else the next later one. */
export function engineVersion(type: ResourceType, requested: string | null): string {
  const engine = engines[type] ?? { supported: [], default: "" };
  if (requested === null) return engine.default;
  return nearestVersion(engine.supported, requested) ?? engine.default;
}

/** Whether the version to create satisfies the requested one: 16 satisfies `16.3`. */
export const isExactVersion = (type: ResourceType, requested: string | null): boolean =>
  requested === null || satisfies(engineVersion(type, requested), requested);
