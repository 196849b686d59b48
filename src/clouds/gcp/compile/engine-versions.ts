import type { ResourceType } from "../../../app.ts";
import { compareVersions, satisfies } from "../../compare-versions.ts";

/** What Google still looks after, oldest first, by the words of its APIs, and what an app gets that does not ask. */
const versions: Partial<Record<ResourceType, { all: Record<string, string>; usual: string }>> = {
  postgres: {
    all: { "14": "POSTGRES_14", "15": "POSTGRES_15", "16": "POSTGRES_16", "17": "POSTGRES_17", "18": "POSTGRES_18" },
    usual: "17",
  },
  mysql: { all: { "8.0": "MYSQL_8_0", "8.4": "MYSQL_8_4" }, usual: "8.4" },
  redis: { all: { "6": "REDIS_6_X", "7.0": "REDIS_7_0", "7.2": "REDIS_7_2" }, usual: "7.2" },
};

/** The version that is made: the one that is asked for, or the nearest later one there is. */
export function engineVersion(type: ResourceType, asked: string | null): string {
  const { all, usual } = versions[type] ?? { all: {}, usual: "" };
  if (asked === null || satisfies(usual, asked) || usual.startsWith(`${asked}.`)) return usual;
  const known = Object.keys(all).toSorted(compareVersions);
  return known.find((version) => satisfies(version, asked) || compareVersions(version, asked) >= 0) ?? usual;
}

/** Whether what is made is what was asked for: `16.3` is answered by 16, and `7` by 7.2. */
export function isExactVersion(type: ResourceType, asked: string | null): boolean {
  const made = engineVersion(type, asked);
  return asked === null || satisfies(made, asked) || made.startsWith(`${asked}.`);
}

/** The same in the words of the API. */
export const engineId = (type: ResourceType, version: string): string => versions[type]?.all[version] ?? "";
