import type { ResourceType } from "../../../app.ts";
import { compare, covers } from "../../compare-versions.ts";

/** What RDS still looks after without a surcharge, oldest first, and what an app gets that does not ask. */
const versions: Partial<Record<ResourceType, { all: readonly string[]; usual: string }>> = {
  postgres: { all: ["14", "15", "16", "17"], usual: "17" },
  mysql: { all: ["8.4"], usual: "8.4" },
  redis: { all: ["8.0"], usual: "8.0" },
};

/** The version that is made: the one that is asked for, or the nearest later one there is. */
export function versionOf(type: ResourceType, asked: string | null): string {
  const { all, usual } = versions[type] ?? { all: [], usual: "" };
  if (asked === null) return usual;
  return all.find((version) => covers(version, asked) || compare(version, asked) >= 0) ?? usual;
}

/** Whether what is made is what was asked for: `16.3` is answered by 16. */
export const isVersion = (type: ResourceType, asked: string | null): boolean =>
  asked === null || covers(versionOf(type, asked), asked);
