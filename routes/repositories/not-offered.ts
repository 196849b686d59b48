import type { Context } from "hono";
import type { App } from "../../src/app.ts";
import { isOffered, noteFor } from "../../src/settings.ts";
import { errorPage } from "../../views/error-page.ts";
import { assets } from "../http/assets.ts";
import { respond } from "../http/respond.ts";
import type { LoadedRepository } from "./load-repository.ts";

/** Returns the response for a cloud on which the maintainers do not offer their app; null if they do. */
export function respondNotOffered(
  c: Context,
  { path, query, settings }: Pick<LoadedRepository, "path" | "query" | "settings">,
  app: Pick<App, "name">,
  cloud: { id: string; name: string },
) {
  if (isOffered(settings, cloud.id)) return null;
  const message = noteFor(settings, cloud.id) ?? "The maintainers gave no reason.";
  const fix = `Choose another cloud at ${path}${query}.`;
  return respond(
    c,
    () => ({ problems: [{ file: "", line: null, column: null, path: "cloud", message, fix }] }),
    () =>
      errorPage({
        assets,
        title: `The maintainers don't offer ${app.name} on ${cloud.name}`,
        message,
        fix: "",
        actions: [{ label: "Choose another cloud", href: path + query }],
        retryAt: null,
      }),
    403,
  );
}
