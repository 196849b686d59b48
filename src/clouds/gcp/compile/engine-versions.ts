import type { ResourceType } from "../../../app.ts";
import { compareVersions, nearestVersion, satisfies } from "../../compare-versions.ts";

/** The versions that Google supports, with their API names, and the default. */
const versions: Partial<Record<ResourceType, { ids: Record<string, string>; defaultVersion: string }>> = {
  postgres: {
    ids: { "14": "POSTGRES_14", "15": "POSTGRES_15", "16": "POSTGRES_16", "17": "POSTGRES_17", "18": "POSTGRES_18" },
    defaultVersion: "17",
  },
  mysql: { ids: { "8.0": "MYSQL_8_0", "8.4": "MYSQL_8_4" }, defaultVersion: "8.4" },
  redis: { ids: { "6": "REDIS_6_X", "7.0": "REDIS_7_0", "7.2": "REDIS_7_2" }, defaultVersion: "7.2" },
};

/** Returns the version to create: the requested one, else the next later one, else the default. */
export function engineVersion(type: ResourceType, requested: string | null): string {
  const { ids, defaultVersion } = versions[type] ?? { ids: {}, defaultVersion: "" };
  if (requested === null || satisfies(defaultVersion, requested) || defaultVersion.startsWith(`${requested}.`))
    return defaultVersion;
  const supported = Object.keys(ids).toSorted(compareVersions);
  return nearestVersion(supported, requested) ?? defaultVersion;
}

/** Whether the created version satisfies the request: 16 satisfies `16.3`, and 7.2 satisfies `7`. */
export function isExactVersion(type: ResourceType, requested: string | null): boolean {
  const version = engineVersion(type, requested);
  return requested === null || satisfies(version, requested) || version.startsWith(`${requested}.`);
}

/** Returns the API's name of a version. */
export const engineId = (type: ResourceType, version: string): string => versions[type]?.ids[version] ?? "";
