import { Hono } from "hono";
import { addressPath, parseAddress } from "../../src/address.ts";
import type { Note } from "../../src/result.ts";
import { homePage } from "../../views/repositories/home.ts";
import type { AppContext } from "../app-context.ts";
import { cloudSummaryById } from "../cloud-summary.ts";
import { assets } from "../http/assets.ts";
import { respond, respondProblem } from "../http/respond.ts";

export const homeRoutes = ({ config, clouds, examples, inspect, resolveAddress }: AppContext) =>
  new Hono().get("/", async (c) => {
    const text = c.req.query("repo");
    let problem: Note | null = null;
    if (text !== undefined) {
      const pasted = parseAddress(text);
      if (pasted.ok) {
        const settled = await resolveAddress(pasted.value);
        return settled.ok ? c.redirect(addressPath(settled.address)) : respondProblem(c, settled.trouble);
      }
      problem = pasted.problems[0] ?? null;
    }
    const shown = await Promise.all(
      (await examples()).map(async (address) => {
        const look = await inspect(address);
        const app = look.ok ? look.reading.app : null;
        return { name: app?.name ?? address.repo, description: app?.description ?? "", path: addressPath(address) };
      }),
    );
    const connected = clouds.map(({ id, name, connect: { unavailableReason: closed, summary: explain } }) => {
      return { id, name, connected: closed === undefined, note: closed ?? explain };
    });
    return respond(
      c,
      () => ({ clouds: connected, examples: shown, problems: problem ? [problem] : [] }),
      () =>
        homePage({
          assets,
          address: text ?? "",
          problem,
          examples: shown,
          clouds: connected.map((cloud) => ({ ...cloudSummaryById(clouds, cloud.id), ...cloud })),
          origin: config.origin,
        }),
      problem ? 422 : 200,
    );
  });
