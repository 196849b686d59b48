import { Hono } from "hono";
import { statsOf } from "../src/store/stats.ts";
import { statsPage } from "../views/stats.ts";
import { answer, refused } from "./answer.ts";
import { assets } from "./assets.ts";
import { addressOf } from "./looked.ts";
import type { Slipway } from "./slipway.ts";

/** How often the badge was loaded, the page seen and the app started, per day and cloud. */
export const stats = ({ db, clouds }: Slipway) =>
  new Hono().get("/:host/:owner/:repo/stats", (c) => {
    const checked = addressOf(c);
    if (!checked.ok || checked.value.host !== "local")
      return refused(c, 403, "These numbers are for maintainers", {
        message: "Only the numbers of repositories on this machine can be seen so far.",
        fix: "Signing in with GitHub, to see those of your own repositories, is not there yet.",
      });
    const { host, owner, repo } = checked.value;
    const name = `${host}/${owner}/${repo}`;
    const { days, clouds: perCloud, totals } = statsOf(db, name);
    const named = perCloud.map((one) => ({ ...one, name: clouds.find(({ id }) => id === one.id)?.name ?? one.id }));
    const data = { repo: name, days, clouds: named, totals };
    return answer(
      c,
      () => data,
      () => statsPage({ assets, path: `/${name}`, ...data }),
    );
  });
