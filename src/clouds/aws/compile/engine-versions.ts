import type { ResourceType } from "../../../app.ts";
import { compareVersions, satisfies } from "../../compare-versions.ts";

/** What RDS still looks after without a surcharge, oldest first, and what an app gets that does not ask. */
const versions: Partial<Record<ResourceType, { all: readonly string[]; usual: string }>> = {
  postgres: { all: ["14", "15", "16", "17"], usual: "17" },
  mysql: { all: ["8.4"], usual: "8.4" },
  redis: { all: ["8.0"], usual: "8.0" },
};

/** The version that is made: the one that is asked for, or the nearest later one there is. */
export function engineVersion(type: ResourceType, asked: string | null): string {
  const { all, usual } = versions[type] ?? { all: [], usual: "" };
  if (asked === null) return usual;
  return all.find((version) => satisfies(version, asked) || compareVersions(version, asked) >= 0) ?? usual;
}

/** Whether what is made is what was asked for: `16.3` is answered by 16. */
export const isExactVersion = (type: ResourceType, asked: string | null): boolean =>
  asked === null || satisfies(engineVersion(type, asked), asked);
