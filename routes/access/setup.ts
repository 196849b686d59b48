import { Hono } from "hono";
import { setupPage } from "../../views/access/setup-page.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { respondForCloud } from "../http/cloud-response.ts";
import { getOrCreateVisitorKey } from "./visitor-cookie.ts";

type Needs = Pick<AppContext, "clouds" | "random"> & { config: { origin: string } };

/** Serves the pages on which a visitor prepares access to a cloud. */
export const setupRoutes = ({ clouds, config: { origin }, random }: Needs) =>
  new Hono().get("/connect/:cloud/:page?", async (c, next) => {
    const cloud = clouds.find(({ id }) => id === c.req.param("cloud"));
    const route = cloud?.connect.setup?.find(({ path }) => path === (c.req.param("page") ?? ""));
    if (!cloud || !route) return next();
    const request = {
      query: c.req.query(),
      visitorKey: () => {
        c.header("Cache-Control", "no-store");
        return getOrCreateVisitorKey(c, { origin, random });
      },
    };
    return respondForCloud(c, cloud, route.handle(request), (page) => setupPage({ assets, setup: page }));
  });
