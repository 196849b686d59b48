import type { Cloud } from "../src/clouds/cloud.ts";
import type { CloudSummary } from "../views/cloud.ts";

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

/** The same for a cloud that this server may no longer offer. */
export function cloudSummaryById(clouds: Cloud[], id: string): CloudSummary {
  const cloud = clouds.find((candidate) => candidate.id === id);
  return cloud ? cloudSummary(cloud) : { id, name: id, inSentence: id, billed: true };
}
