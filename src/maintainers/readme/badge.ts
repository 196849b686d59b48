import { type BadgeQuery, badgeHeight, writeBadgeQuery } from "../../../badges/index.ts";
import { clean } from "../../../badges/text.ts";
import { addressPath, encodePath } from "../../address.ts";
import type { Address } from "../../repo.ts";

/** A badge's URLs and text, ready for a snippet. */
export interface PlacedBadge {
  /** The image URL. */
  image: string;
  /** The image per theme for `auto`; null if the badge has a fixed theme. */
  themed: { light: string; dark: string } | null;
  /** The link target. */
  page: string;
  /** Alternative text: one line without invisible characters. */
  alt: string;
  /** In pixels. */
  height: number;
}

/** Builds a badge for the app at this address. With a cloud, it links to that cloud's form. */
export function placeBadge(origin: string, address: Address, app: { name: string }, badge: BadgeQuery): PlacedBadge {
  const [path = "", appQuery = ""] = addressPath(address).split("?", 2);
  const query = appQuery ? `?${appQuery}` : "";
  const image = (variant: BadgeQuery) => {
    const badgeParameters = writeBadgeQuery(variant).map(([key, value]) => `${key}=${encodePath(value)}`);
    const search = [...(appQuery ? [appQuery] : []), ...badgeParameters].join("&");
    return `${origin}${path}/badge.svg${search ? `?${search}` : ""}`;
  };
  const { theme, label, cloud } = badge;
  const alt = label || `Deploy ${app.name} to ${cloud?.name ?? "your cloud"}`;
  return {
    image: image(badge),
    themed:
      theme === "auto"
        ? { light: image({ ...badge, theme: "light" }), dark: image({ ...badge, theme: "dark" }) }
        : null,
    page: `${origin}${path}${cloud ? `/${cloud.id}` : ""}${query}`,
    alt: clean(alt, 120) || "Deploy",
    height: badgeHeight(badge),
  };
}
