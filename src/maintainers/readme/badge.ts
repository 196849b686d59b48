import { type BadgeQuery, badgeHeight, writeBadgeQuery } from "../../../badges/index.ts";
import { cloudName } from "../../../badges/logos.ts";
import { clean } from "../../../badges/text.ts";
import { addressPath, encodePath } from "../../address.ts";
import type { Address } from "../../repo.ts";

/** A badge as it stands in a README. */
export interface PlacedBadge {
  /** The image's address. */
  image: string;
  /** The image in each theme, where the README's reader decides; null where the badge has one theme. */
  themed: { light: string; dark: string } | null;
  /** Where a press leads. */
  page: string;
  /** What a screen reader says: one line without what nobody can see. */
  alt: string;
  /** In pixels. */
  height: number;
}

/** The badge that a maintainer chose for the app at this address; with a cloud, it leads straight to the form there. */
export function placeBadge(origin: string, address: Address, app: { name: string }, chosen: BadgeQuery): PlacedBadge {
  const [path = "", carried = ""] = addressPath(address).split("?", 2);
  const query = carried ? `?${carried}` : "";
  const image = (wanted: BadgeQuery) => {
    const asked = writeBadgeQuery(wanted).map(([key, value]) => `${key}=${encodePath(value)}`);
    const all = [...(carried ? [carried] : []), ...asked].join("&");
    return `${origin}${path}/badge.svg${all ? `?${all}` : ""}`;
  };
  const { theme, label, cloud } = chosen;
  const words = label || `Deploy ${app.name} to ${cloud ? cloudName(cloud) : "your cloud"}`;
  return {
    image: image(chosen),
    themed:
      theme === "auto"
        ? { light: image({ ...chosen, theme: "light" }), dark: image({ ...chosen, theme: "dark" }) }
        : null,
    page: `${origin}${path}${cloud ? `/${cloud}` : ""}${query}`,
    alt: clean(words, 120) || "Deploy",
    height: badgeHeight(chosen),
  };
}
