import { Hono } from "hono";
import type { AppContext } from "../app-context.ts";
import { oauthRoutes } from "./connect-oauth.ts";
import { setupRoutes } from "./setup.ts";

/** Serves everything below `/connect/CLOUD`. */
export const connectRoutes = (context: AppContext) =>
  new Hono().route("/", setupRoutes(context)).route("/", oauthRoutes(context));
