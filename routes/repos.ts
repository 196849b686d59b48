import { Hono } from "hono";
import { addressPath, readAddress } from "../src/address.ts";
import { offers } from "../src/look.ts";
import { installsOf } from "../src/store/counts.ts";
import { appPage } from "../views/app.ts";
import { manifestPage } from "../views/manifest.ts";
import { answer, troubled } from "./answer.ts";
import { assets } from "./assets.ts";
import { appOf, looked } from "./looked.ts";
import type { Slipway } from "./slipway.ts";
import { markdown } from "./snippets.ts";

/** The page of a repository, and what we read of it. */
export const repos = ({ config, db, clouds, lookAt, visits }: Slipway) =>
  new Hono()
    .get("/:host/:owner/:repo", async (c) => {
      const found = await looked(c, lookAt);
      if (found instanceof Response) return found;
      const app = await appOf(c, found);
      if (app instanceof Response) return app;
      const { path, query, address } = found;
      const repo = path.slice(1);
      visits.visit(repo);
      const carried = carry(c.req.query(), query);
      const offered = offers(clouds, app).map(({ cloud, choice, plan, remarks }) => ({
        id: cloud.id,
        name: cloud.name,
        region: cloud.regions.find(({ id }) => id === choice.region)?.name ?? choice.region,
        monthly: plan.monthly,
        summary: plan.lines.map(({ what }) => what).join(", "),
        remarks,
        path: `${path}/${cloud.id}${carried}`,
      }));
      return answer(
        c,
        () => ({
          app,
          clouds: offered.map(({ id, name, monthly, remarks, path }, index) => ({
            id,
            name,
            monthly,
            region: clouds.find((cloud) => cloud.id === id)?.regions[0]?.id ?? offered[index]?.region ?? "",
            remarks,
            url: `${config.origin}${path}`,
          })),
        }),
        () =>
          appPage({
            assets,
            app,
            path,
            query: carried,
            clouds: offered,
            remarks: found.reading.remarks,
            snippet: { markdown: markdown(config.origin, address, app), badge: `${path}/badge.svg${query}` },
            installs: installsOf(db, repo) || null,
            notice: null,
          }),
      );
    })
    .get("/:host/:owner/:repo/manifest", async (c) => {
      const found = await looked(c, lookAt);
      if (found instanceof Response) return found;
      const { reading, path, address } = found;
      return answer(
        c,
        () => reading,
        () =>
          manifestPage({
            assets,
            address: `${address.host}/${address.owner}/${address.repo}`,
            path,
            ...reading,
            read: reading.app?.read ?? [],
          }),
        reading.app ? 200 : 422,
      );
    });

/** What is no address of ours: another scheme or host, a clone address, a place inside GitHub's own pages. */
const foreign =
  /^\/(?:[a-z+]+:\/|git@|www\.)|\.git(?:\/|$)|^\/github\.com\/[^/]+\/[^/]+\/(?:tree|blob|raw|edit|blame|commits?|releases|tags|branches|pulls?|issues|actions|wiki|archive|compare)(?:\/|$)/i;

/** Addresses as GitHub writes them, behind our origin: `/github.com/o/r/tree/main/app`, `/https://github.com/o/r`. */
export const pasted = ({ settle }: Slipway) =>
  new Hono().get("*", async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    if (!foreign.test(pathname)) return next();
    const read = readAddress(`${decode(pathname.slice(1))}${search}`);
    if (!read.ok) {
      const [note] = read.problems;
      return note ? troubled(c, { kind: "invalid", note }) : next();
    }
    const settled = await settle(read.value);
    if (!settled.ok) return troubled(c, settled.trouble);
    const to = addressPath(settled.address);
    return to === pathname + search ? next() : c.redirect(to);
  });

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `ref`, `path` and the answers that a link pre-fills go along to the form. */
function carry(query: Record<string, string>, base: string): string {
  const more = Object.entries(query).filter(([key]) => /^env\[.+\]$/.test(key));
  if (more.length === 0) return base;
  return `${base}${base ? "&" : "?"}${new URLSearchParams(more)}`;
}
