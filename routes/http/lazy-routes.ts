import { type Context, Hono } from "hono";
import { respondNotFound } from "./respond.ts";

/** Routes that few ask for, loaded with all they need when the first one does. */
export function lazyRoutes(load: () => Promise<Hono>) {
  let loading: Promise<Hono> | undefined;
  return async function demanded(c: Context): Promise<Response> {
    loading ??= load().then((routes) =>
      new Hono({ strict: false })
        .notFound(respondNotFound)
        .onError((error) => {
          // What they are a part of answers it, as it does for all others.
          throw error;
        })
        .route("/", routes),
    );
    // What could not be loaded once is tried again.
    loading.catch(() => {
      loading = undefined;
    });
    const routes = await loading;
    return routes.fetch(c.req.raw, c.env);
  };
}
