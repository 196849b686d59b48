import { type Context, Hono } from "hono";
import { respondNotFound } from "./respond.ts";

/** Loads rarely used routes, with their imports, on the first request. */
export function lazyRoutes(load: () => Promise<Hono>) {
  let loading: Promise<Hono> | undefined;
  return async function handle(c: Context): Promise<Response> {
    loading ??= load().then((routes) =>
      new Hono({ strict: false })
        .notFound(respondNotFound)
        .onError((error) => {
          // Passes the error on to the application that these routes belong to.
          throw error;
        })
        .route("/", routes),
    );
    // Retries a failed import on the next request.
    loading.catch(() => {
      loading = undefined;
    });
    const routes = await loading;
    return routes.fetch(c.req.raw, c.env);
  };
}
