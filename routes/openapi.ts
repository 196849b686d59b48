import { Hono } from "hono";
import type { Slipway } from "./slipway.ts";

export const openapi = ({ config }: Pick<Slipway, "config">) =>
  new Hono().get("/openapi.json", async (c) => {
    const { describe } = await import("./twins.ts");
    return c.json(describe(config.origin), 200, { "Access-Control-Allow-Origin": "*" });
  });
