import { Hono } from "hono";
import type { AppContext } from "../app-context.ts";

/** Serves the OpenAPI document and the JSON Schema of the manifest. */
export const openApiRoutes = ({ config }: Pick<AppContext, "config">) =>
  new Hono()
    .get("/schema.json", async (c) => {
      const { manifestSchema } = await import("../../src/manifest/cloud/schema.ts");
      return c.json(manifestSchema(config.origin), 200, {
        "Access-Control-Allow-Origin": "*",
        "Content-Type": "application/schema+json",
      });
    })
    .get("/openapi.json", async (c) => {
      const { openApiDocument } = await import("./schemas.ts");
      return c.json(openApiDocument(config.origin), 200, { "Access-Control-Allow-Origin": "*" });
    });
