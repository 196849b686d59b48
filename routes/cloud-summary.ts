import type { Cloud } from "../src/clouds/cloud.ts";
import type { CloudSummary } from "../views/cloud.ts";

/** Returns what every page shows of a cloud. */
export const cloudSummary = ({
  id,
  name,
  mark,
  words,
}: Pick<Cloud, "id" | "name" | "mark" | "words">): CloudSummary => ({
  id,
  name,
  mark,
  inSentence: words.inSentence,
  billed: words.billed,
});

/** Returns the summary of a cloud by its id, also if this server no longer offers it. */
export function cloudSummaryById(clouds: Cloud[], id: string): CloudSummary {
  const cloud = clouds.find((candidate) => candidate.id === id);
  return cloud ? cloudSummary(cloud) : { id, name: id, inSentence: id, billed: true };
}
