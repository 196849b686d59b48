import { type BadgeQuery, readBadgeQuery } from "../../../badges/index.ts";
import { type BadgeCloud, isBadgeCloud } from "../../../badges/logos.ts";
import type { Address } from "../../repo.ts";
import { type PlacedBadge, placeBadge } from "./badge.ts";

/** What a maintainer chose in the badge studio: one badge, or one for each cloud that can run the app. */
export interface BadgeChoice {
  badge: BadgeQuery;
  each: boolean;
  /** The clouds that can run the app. */
  clouds: BadgeCloud[];
}

/** Reads the choice from the page's query. A cloud that cannot run the app is none. */
export function parseBadgeChoice(query: URLSearchParams, able: string[]): BadgeChoice {
  const clouds = able.filter(isBadgeCloud);
  const badge = readBadgeQuery(query);
  const cloud = clouds.find((id) => id === badge.cloud) ?? null;
  return { badge: { ...badge, cloud }, each: query.get("cloud") === "each" && clouds.length > 0, clouds };
}

/** What the choice shows: a badge, or one for each cloud. */
export const badgesOf = ({ badge, each, clouds }: BadgeChoice): BadgeQuery[] =>
  each ? clouds.map((cloud) => ({ ...badge, cloud })) : [badge];

export const placeBadges = (
  origin: string,
  address: Address,
  app: { name: string },
  chosen: BadgeChoice,
): PlacedBadge[] => badgesOf(chosen).map((badge) => placeBadge(origin, address, app, badge));
