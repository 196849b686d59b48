import { Hono } from "hono";
import { studioPage } from "../views/studio.ts";
import { assets } from "./assets.ts";
import { appOf, looked } from "./looked.ts";
import type { Slipway } from "./slipway.ts";
import { snippets } from "./snippets.ts";

const previews = [
  { label: "Button", query: "" },
  { label: "Button, large", query: "size=l" },
  { label: "Flat", query: "style=flat" },
  { label: "Flat, square", query: "style=flat-square" },
  { label: "Plastic", query: "style=plastic" },
  { label: "For the badge", query: "style=for-the-badge" },
];

/** The badge in every style, and the snippets that put it into a README. */
export const studio = ({ config, lookAt }: Slipway) =>
  new Hono().get("/:host/:owner/:repo/badge", async (c) => {
    const found = await looked(c, lookAt);
    if (found instanceof Response) return found;
    const app = await appOf(c, found);
    if (app instanceof Response) return app;
    const { path, query, address } = found;
    const badge = (more: string) => `${path}/badge.svg${query}${more && (query ? "&" : "?")}${more}`;
    return c.html(
      studioPage({
        assets,
        path,
        query,
        app,
        previews: previews.map(({ label, query }) => ({ label, badge: badge(query) })),
        snippets: snippets(config.origin, address, app),
      }),
    );
  });
