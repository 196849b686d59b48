import type { Context } from "hono";
import { type Cloud, OperationalError } from "../../src/clouds/cloud.ts";
import type { CloudResponse, SetupPage } from "../../src/clouds/routes.ts";
import type { Html } from "../../views/html.ts";
import { respond, respondError } from "./respond.ts";

/** Sends what a cloud's own route returned, or the cloud's error. */
export async function respondForCloud(
  c: Context,
  { mark }: Pick<Cloud, "mark">,
  pending: Promise<CloudResponse | null>,
  render?: (page: SetupPage) => Html,
): Promise<Response> {
  try {
    const response = await pending;
    switch (response?.kind) {
      case "page":
        if (!render) break;
        return await respond(
          c,
          () => response.json,
          () => render(response.page),
        );
      case "text":
        return c.text(response.body);
      case "file":
        c.header("Content-Disposition", `attachment; filename="${response.name}"`);
        return c.body(response.body, 200, { "Content-Type": response.type });
      case "redirect":
        return c.redirect(response.url, 303);
    }
    return await c.notFound();
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    return respondError(c, 502, `${mark.name} isn't responding right now`, {
      message: error.message,
      fix: error.next,
    });
  }
}
