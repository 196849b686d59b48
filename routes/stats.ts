import { type Context, Hono } from "hono";
import { statsOf } from "../src/store/stats.ts";
import { statsPage } from "../views/stats.ts";
import { answer, refused } from "./answer.ts";
import { assets } from "./assets.ts";
import { addressOf } from "./looked.ts";
import type { Slipway } from "./slipway.ts";

/** How often the badge was loaded, the page seen and the app started, per day and cloud. */
export const stats = ({ db, clouds }: Slipway) => {
  function numbersOf(c: Context) {
    const checked = addressOf(c);
    if (!checked.ok || checked.value.host !== "local")
      return refused(c, 403, "These numbers are for maintainers", {
        message: "Only the numbers of repositories on this machine can be seen so far.",
        fix: "Signing in with GitHub, to see those of your own repositories, is not there yet.",
      });
    const { host, owner, repo } = checked.value;
    const name = `${host}/${owner}/${repo}`;
    const { days, clouds: perCloud, totals } = statsOf(db, name);
    const nameOf = (id: string) => clouds.find((cloud) => cloud.id === id)?.name ?? id;
    return { repo: name, days, clouds: perCloud.map((one) => ({ ...one, name: nameOf(one.id) })), totals };
  }

  return new Hono()
    .get("/:host/:owner/:repo/stats", (c) => {
      const numbers = numbersOf(c);
      if (!("repo" in numbers)) return numbers;
      return answer(
        c,
        () => numbers,
        () => statsPage({ assets, path: `/${numbers.repo}`, ...numbers }),
      );
    })
    .get("/:host/:owner/:repo/stats.json", (c) => {
      const numbers = numbersOf(c);
      return "repo" in numbers ? c.json(numbers) : numbers;
    })
    .get("/:host/:owner/:repo/stats.csv", (c) => {
      const numbers = numbersOf(c);
      if (!("repo" in numbers)) return numbers;
      const columns = ["day", "badge", "visit", "start", "success", "failure", "removal"] as const;
      const rows = numbers.days.map((day) => columns.map((column) => day[column]).join(","));
      return c.text(`${[columns.join(","), ...rows].join("\r\n")}\r\n`, 200, {
        "Content-Type": "text/csv; charset=utf-8",
      });
    });
};
