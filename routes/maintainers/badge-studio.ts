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

/** Returns the badge that the query of a badge studio page describes. */
export function badgeChoiceFromUrl(
  url: string,
  app: App,
  settings: Settings,
  clouds: AppContext["clouds"],
): BadgeChoice {
  const supported = clouds.filter(
    ({ id, support }) => isOffered(settings, id) && support(app).every(({ level }) => level !== "missing"),
  );
  return parseBadgeChoice(
    new URL(url).searchParams,
    supported.map(({ id, mark }) => ({ id, ...mark })),
  );
}

/** Returns the query of a badge choice, after the ref and the path: "" or `?ref=x&style=flat`. */
export function badgeChoiceQuery(query: string, { badge, each }: BadgeChoice): string {
  const search = new URLSearchParams([...new URLSearchParams(query), ...writeBadgeQuery(badge)]);
  if (each) search.set("cloud", "each");
  return search.size > 0 ? `?${search}` : "";
}

/** Serves the badge studio: the badge in every style, and the snippets for a README. */
export const badgeStudioRoutes = ({ config, clouds, inspect }: Pick<AppContext, "config" | "clouds" | "inspect">) =>
  new Hono().get("/:host/:owner/:repo/badge", async (c) => {
    const repository = await loadRepository(c, inspect);
    if (repository instanceof Response) return repository;
    const app = await requireApp(c, repository);
    if (app instanceof Response) return app;
    const { path, query, address } = repository;
    const choice = badgeChoiceFromUrl(c.req.url, app, repository.settings, clouds);
    const placed = placeBadges(config.origin, address, app, choice);
    const snippets = formats.map((format) => ({ format, text: snippetOf(format, placed) }));

    const badgeOn = (theme: "light" | "dark", badge: BadgeQuery) =>
      placeBadge("", address, app, badge.theme === "auto" ? { ...badge, theme } : badge);
    const cloudName = (id: string) => clouds.find((cloud) => cloud.id === id)?.name ?? id;
    const page = () =>
      studioPage({
        assets,
        path,
        query,
        app,
        chosen: { ...choice.badge, cloud: choice.each ? "each" : (choice.badge.cloud?.id ?? "") },
        styles: badgeStyles.map((style) => ({
          id: style,
          name: styleNames[style],
          light: badgeOn("light", { ...choice.badge, style }).image,
          dark: badgeOn("dark", { ...choice.badge, style }).image,
        })),
        themes: badgeThemes.map((id) => ({ id, name: themeNames[id] })),
        sizes: badgeSizes.map((id) => ({ id, name: sizeNames[id] })),
        clouds: [
          { id: "", name: "All clouds (the visitor chooses)" },
          ...choice.clouds.map(({ id }) => ({ id, name: `${cloudName(id)} only` })),
          ...(choice.clouds.length > 1 ? [{ id: "each", name: "One badge per cloud" }] : []),
        ],
        maxLabelLength: maxTextLength,
        readmes: (["light", "dark"] as const).map((theme) => badgesOf(choice).map((badge) => badgeOn(theme, badge))),
        snippets: snippets.map(({ format, text }) => ({ name: formatName[format], text })),
        proposal:
          address.host === "github.com" && config.github.client
            ? `${path}/badge/pull-request${badgeChoiceQuery(query, choice)}`
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
