import { Hono } from "hono";
import { readBadgeQuery } from "../../badges/index.ts";
import { addressPath, parseAddress, repositoryId } from "../../src/address.ts";
import type { App } from "../../src/app.ts";
import { installsOf } from "../../src/data/store/counts.ts";
import { placeBadge } from "../../src/maintainers/readme/badge.ts";
import { snippetOf } from "../../src/maintainers/readme/snippets.ts";
import type { Plan } from "../../src/plan.ts";
import { offers } from "../../src/prices/offers.ts";
import { checkManifestFiles } from "../../src/repositories/inspect.ts";
import { isOffered, noteFor, type Settings } from "../../src/settings.ts";
import { appPage } from "../../views/repositories/app-page.ts";
import { manifestPage } from "../../views/repositories/manifest-page.ts";
import type { AppContext } from "../app-context.ts";
import { cloudSummary } from "../cloud-summary.ts";
import { assets } from "../http/assets.ts";
import { createPageCache } from "../http/page-cache.ts";
import { respondProblem, wantsJson } from "../http/respond.ts";
import { requestInfo } from "../stats/request-info.ts";
import { loadRepository, requireApp } from "./load-repository.ts";

const plainBadge = readBadgeQuery(new URLSearchParams());

/** The page of a repository, and what we read of it. */
export const repositoryRoutes = ({ config, db, clouds: all, inspect, visits, now }: AppContext) => {
  const remember = createPageCache(now);

  /** Every cloud for the app, as both the page and its twin tell it. */
  function offered(app: App, settings: Settings, path: string, carried: string) {
    return offers(all, app, settings).map(({ cloud, choice, plan, remarks }) => ({
      ...cloudSummary(cloud),
      monthly: plan.monthly,
      asOf: plan.asOf,
      remarks,
      path: `${path}/${cloud.id}${carried}`,
      regionId: choice.region,
      region: cloud.regions.find(({ id }) => id === choice.region)?.name ?? choice.region,
      summary: summary(plan),
      note: noteFor(settings, cloud.id),
    }));
  }

  return new Hono()
    .get("/:host/:owner/:repo", async (c) => {
      const found = await loadRepository(c, inspect);
      if (found instanceof Response) return found;
      const app = await requireApp(c, found);
      if (app instanceof Response) return app;
      const { path, query, address, reading, settings } = found;
      // GitHub does not mind how a name is capitalised; the numbers are kept under its own way.
      const repo = repositoryId(found.snapshot.address);
      const carried = carry(c.req.query(), query);
      c.header("Vary", "Accept");
      if (wantsJson(c)) {
        const twin = offered(app, settings, path, carried).map(
          ({ id, name, monthly, regionId, remarks, note, path }) => {
            return { id, name, monthly, region: regionId, remarks, note, url: `${config.origin}${path}` };
          },
        );
        return c.json({ app, clouds: twin });
      }
      visits.visit(repo, requestInfo(c));
      const page = () => {
        const clouds = offered(app, settings, path, carried);
        return appPage({
          assets,
          app,
          path,
          query: carried,
          clouds,
          withheld: all
            .filter(({ id }) => !isOffered(settings, id))
            .map(({ id, name }) => ({ name, note: noteFor(settings, id) })),
          asOf: clouds.flatMap(({ asOf, monthly }) => (monthly ? [asOf] : [])).sort()[0],
          remarks: reading.remarks,
          snippet: {
            markdown: snippetOf("markdown", [placeBadge(config.origin, address, app, plainBadge)]),
            badge: `${path}/badge.svg${query}`,
          },
          installs: installsOf(db, repo) || null,
          notice: null,
        });
      };
      return c.html(await remember(path + carried + JSON.stringify(settings), reading, page));
    })
    .get("/:host/:owner/:repo/manifest", async (c) => {
      const found = await loadRepository(c, inspect);
      if (found instanceof Response) return found;
      const { reading, path, query, address, snapshot } = found;
      const status = reading.app ? 200 : 422;
      c.header("Vary", "Accept");
      if (wantsJson(c)) return c.json(reading, status);
      const { files, suggestion } = await checkManifestFiles(snapshot);
      const { app } = reading;
      const page = manifestPage({
        assets,
        address: `${address.host}/${address.owner}/${address.repo}`,
        path,
        query,
        ...reading,
        read: app?.read ?? files.map(({ file }) => file),
        files,
        suggestion,
        clouds: app ? all.map(({ id, name, support }) => ({ id, name, remarks: support(app) })) : [],
      });
      return c.html(page, status);
    });
};

const told = 4;

/** The plan in one line: what costs most first, each thing once with how many there are of it, without the details. */
function summary({ lines }: Plan): string {
  const dearest = lines.toSorted((a, b) => (b.monthly ?? 0) - (a.monthly ?? 0));
  const things = Map.groupBy(dearest, ({ what }) => (what.split(/[,;]/)[0] ?? what).replace(/^1 /, ""));
  const names = [...things].map(([what, { length }]) => (length > 1 ? `${length}\u00a0×\u00a0${what}` : what));
  const rest = names.length - told;
  return rest > 1 ? `${names.slice(0, told).join(", ")} and ${rest} more` : names.join(", ");
}

/** What is no address of ours: another scheme or host, a clone address, a place inside GitHub's own pages. */
const foreign =
  /^\/(?:[a-z+]+:\/|git@|www\.)|\.git(?:\/|$)|^\/github\.com\/[^/]+\/[^/]+\/(?:tree|blob|raw|edit|blame|commits?|releases|tags|branches|pulls?|issues|actions|wiki|archive|compare)(?:\/|$)/i;

/** Addresses as GitHub writes them, behind our origin: `/github.com/o/r/tree/main/app`, `/https://github.com/o/r`. */
export const pastedUrlRedirects = ({ resolveAddress }: AppContext) =>
  new Hono().get("*", async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    if (!foreign.test(pathname)) return next();
    const read = parseAddress(pathname.slice(1) + search);
    if (!read.ok) {
      const [note] = read.problems;
      return note ? respondProblem(c, { kind: "invalid", note }) : next();
    }
    const settled = await resolveAddress(read.value);
    if (!settled.ok) return respondProblem(c, settled.trouble);
    const to = addressPath(settled.address);
    return to === pathname + search ? next() : c.redirect(to);
  });

/** `ref`, `path` and the answers that a link pre-fills go along to the form. */
function carry(query: Record<string, string>, base: string): string {
  const more = Object.entries(query).filter(([key]) => /^env\[.+\]$/.test(key));
  if (more.length === 0) return base;
  return `${base}${base ? "&" : "?"}${new URLSearchParams(more)}`;
}
