import { type BadgeQuery, readBadgeQuery } from "../../../badges/index.ts";
import type { BadgeCloud } from "../../../badges/logos.ts";
import type { Address } from "../../repo.ts";
import { type PlacedBadge, placeBadge } from "./badge.ts";

/** The selection in the badge studio: one badge, or one per supported cloud. */
export interface BadgeChoice {
  badge: BadgeQuery;
  each: boolean;
  /** The clouds that can run the app. */
  clouds: BadgeCloud[];
}

/** Parses the selection from the query string. An unsupported cloud is ignored. */
export function parseBadgeChoice(query: URLSearchParams, clouds: BadgeCloud[]): BadgeChoice {
  return { badge: readBadgeQuery(query, clouds), each: query.get("cloud") === "each" && clouds.length > 0, clouds };
}

/** Returns the selected badges. */
export const badgesOf = ({ badge, each, clouds }: BadgeChoice): BadgeQuery[] =>
  each ? clouds.map((cloud) => ({ ...badge, cloud })) : [badge];

export const placeBadges = (
  origin: string,
  address: Address,
  app: { name: string },
  choice: BadgeChoice,
): PlacedBadge[] => badgesOf(choice).map((badge) => placeBadge(origin, address, app, badge));
