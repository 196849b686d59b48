import { Hono } from "hono";
import type { AppContext } from "../app-context.ts";
import { consent } from "./connect-oauth.ts";
import { setup } from "./setup.ts";

/** Everything below `/connect/CLOUD`. */
export const connect = (slipway: AppContext) => new Hono().route("/", setup(slipway)).route("/", consent(slipway));
