import { Hono } from "hono";
import { addressPath, parseAddress } from "../../src/address.ts";
import type { Note } from "../../src/result.ts";
import { homePage } from "../../views/repositories/home.ts";
import type { AppContext } from "../app-context.ts";
import { cloudSummaryById } from "../cloud-summary.ts";
import { assets } from "../http/assets.ts";
import { respond, respondProblem } from "../http/respond.ts";

/** Serves the home page, and redirects from it to the repository that was pasted. */
export const homeRoutes = ({ config, clouds, examples, inspect, resolveAddress }: AppContext) =>
  new Hono().get("/", async (c) => {
    const text = c.req.query("repo");
    let problem: Note | null = null;
    if (text !== undefined) {
      const parsed = parseAddress(text);
      if (parsed.ok) {
        const resolved = await resolveAddress(parsed.value);
        return resolved.ok ? c.redirect(addressPath(resolved.address)) : respondProblem(c, resolved.trouble);
      }
      problem = parsed.problems[0] ?? null;
    }
    const exampleApps = await Promise.all(
      (await examples()).map(async (address) => {
        const inspection = await inspect(address);
        const app = inspection.ok ? inspection.reading.app : null;
        return { name: app?.name ?? address.repo, description: app?.description ?? "", path: addressPath(address) };
      }),
    );
    const cloudList = clouds.map(({ id, name, connect: { unavailableReason, summary } }) => {
      return { id, name, connected: unavailableReason === undefined, note: unavailableReason ?? summary };
    });
    return respond(
      c,
      () => ({ clouds: cloudList, examples: exampleApps, problems: problem ? [problem] : [] }),
      () =>
        homePage({
          assets,
          address: text ?? "",
          problem,
          examples: exampleApps,
          clouds: cloudList.map((cloud) => ({ ...cloudSummaryById(clouds, cloud.id), ...cloud })),
          origin: config.origin,
        }),
      problem ? 422 : 200,
    );
  });
