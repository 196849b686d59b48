import { Hono } from "hono";
import type { BadgeQuery } from "../../badges/index.ts";
import { badgeSizes, badgeStyles, badgeThemes, maxTextLength, writeBadgeQuery } from "../../badges/index.ts";
import type { App } from "../../src/app.ts";
import { placeBadge } from "../../src/maintainers/readme/badge.ts";
import {
  type BadgeChoice,
  badgesOf,
  parseBadgeChoice,
  placeBadges,
} from "../../src/maintainers/readme/badge-choice.ts";
import { formatName, formats, snippetOf } from "../../src/maintainers/readme/snippets.ts";
import { isOffered, type Settings } from "../../src/settings.ts";
import { studioPage } from "../../views/maintainers/badge-studio.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { respond } from "../http/respond.ts";
import { loadRepository, requireApp } from "../repositories/load-repository.ts";

const styleNames: Record<BadgeQuery["style"], string> = {
  button: "Button",
  flat: "Flat",
  "flat-square": "Flat, square",
  plastic: "Plastic",
  "for-the-badge": "For the badge",
  social: "Social",
};
const themeNames: Record<BadgeQuery["theme"], string> = {
  auto: "Automatic",
  light: "Light",
  dark: "Dark",
};
const sizeNames: Record<BadgeQuery["size"], string> = { m: "32 pixels high", l: "40 pixels high" };

/** What a maintainer chose on a page of the badge studio, by its query. */
export function badgeChoice(url: string, app: App, settings: Settings, clouds: AppContext["clouds"]): BadgeChoice {
  const able = clouds.filter(
    ({ id, support }) => isOffered(settings, id) && support(app).every(({ level }) => level !== "missing"),
  );
  return parseBadgeChoice(
    new URL(url).searchParams,
    able.map(({ id, mark }) => ({ id, ...mark })),
  );
}

/** The choice in a query, after what is carried along: "" or `?ref=x&style=flat`. */
export function badgeChoiceQuery(query: string, { badge, each }: BadgeChoice): string {
  const asked = new URLSearchParams([...new URLSearchParams(query), ...writeBadgeQuery(badge)]);
  if (each) asked.set("cloud", "each");
  return asked.size > 0 ? `?${asked}` : "";
}

/** The badge in every style, and the snippets that put it into a README. */
export const badgeStudioRoutes = ({ config, clouds, inspect }: Pick<AppContext, "config" | "clouds" | "inspect">) =>
  new Hono().get("/:host/:owner/:repo/badge", async (c) => {
    const found = await loadRepository(c, inspect);
    if (found instanceof Response) return found;
    const app = await requireApp(c, found);
    if (app instanceof Response) return app;
    const { path, query, address } = found;
    const chosen = badgeChoice(c.req.url, app, found.settings, clouds);
    const placed = placeBadges(config.origin, address, app, chosen);
    const snippets = formats.map((format) => ({ format, text: snippetOf(format, placed) }));

    const on = (theme: "light" | "dark", badge: BadgeQuery) =>
      placeBadge("", address, app, badge.theme === "auto" ? { ...badge, theme } : badge);
    const nameOf = (id: string) => clouds.find((cloud) => cloud.id === id)?.name ?? id;
    const page = () =>
      studioPage({
        assets,
        path,
        query,
        app,
        chosen: { ...chosen.badge, cloud: chosen.each ? "each" : (chosen.badge.cloud?.id ?? "") },
        styles: badgeStyles.map((style) => ({
          id: style,
          name: styleNames[style],
          light: on("light", { ...chosen.badge, style }).image,
          dark: on("dark", { ...chosen.badge, style }).image,
        })),
        themes: badgeThemes.map((id) => ({ id, name: themeNames[id] })),
        sizes: badgeSizes.map((id) => ({ id, name: sizeNames[id] })),
        clouds: [
          { id: "", name: "All clouds (the visitor chooses)" },
          ...chosen.clouds.map(({ id }) => ({ id, name: `${nameOf(id)} only` })),
          ...(chosen.clouds.length > 1 ? [{ id: "each", name: "One badge per cloud" }] : []),
        ],
        maxLabelLength: maxTextLength,
        readmes: (["light", "dark"] as const).map((theme) => badgesOf(chosen).map((badge) => on(theme, badge))),
        snippets: snippets.map(({ format, text }) => ({ name: formatName[format], text })),
        proposal:
          address.host === "github.com" && config.github.client
            ? `${path}/badge/pull-request${badgeChoiceQuery(query, chosen)}`
            : null,
      });
    return respond(
      c,
      () => ({
        badges: placed.map(({ image, page }) => ({ image, page })),
        snippets: Object.fromEntries(snippets.map(({ format, text }) => [format, text])),
      }),
      page,
    );
  });
