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

/** Serves the page of a repository and the page about its manifest. */
export const repositoryRoutes = ({ config, db, clouds: allClouds, inspect, visits, now }: AppContext) => {
  const cachedPage = createPageCache(now);

  /** Returns every cloud for the app, cheapest first, as the page and its JSON twin show it. */
  function cloudOffers(app: App, settings: Settings, path: string, query: string) {
    return offers(allClouds, app, settings).map(({ cloud, choice, plan, remarks }) => ({
      ...cloudSummary(cloud),
      monthly: plan.monthly,
      asOf: plan.asOf,
      remarks,
      path: `${path}/${cloud.id}${query}`,
      regionId: choice.region,
      region: cloud.regions.find(({ id }) => id === choice.region)?.name ?? choice.region,
      summary: summarize(plan),
      note: noteFor(settings, cloud.id),
    }));
  }

  return new Hono()
    .get("/:host/:owner/:repo", async (c) => {
      const repository = await loadRepository(c, inspect);
      if (repository instanceof Response) return repository;
      const app = await requireApp(c, repository);
      if (app instanceof Response) return app;
      const { path, query, address, reading, settings } = repository;
      // GitHub ignores the case of a name; visits are counted under its own spelling.
      const repo = repositoryId(repository.snapshot.address);
      const linkQuery = withAnswers(c.req.query(), query);
      c.header("Vary", "Accept");
      if (wantsJson(c)) {
        const clouds = cloudOffers(app, settings, path, linkQuery).map(
          ({ id, name, monthly, regionId, remarks, note, path }) => {
            return { id, name, monthly, region: regionId, remarks, note, url: `${config.origin}${path}` };
          },
        );
        return c.json({ app, clouds });
      }
      visits.visit(repo, requestInfo(c));
      const page = () => {
        const clouds = cloudOffers(app, settings, path, linkQuery);
        return appPage({
          assets,
          app,
          path,
          query: linkQuery,
          clouds,
          withheld: allClouds
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
      return c.html(await cachedPage(path + linkQuery + JSON.stringify(settings), reading, page));
    })
    .get("/:host/:owner/:repo/manifest", async (c) => {
      const repository = await loadRepository(c, inspect);
      if (repository instanceof Response) return repository;
      const { reading, path, query, address, snapshot } = repository;
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
        clouds: app ? allClouds.map(({ id, name, support }) => ({ id, name, remarks: support(app) })) : [],
      });
      return c.html(page, status);
    });
};

const maxSummaryItems = 4;

/** Returns the plan in one line: the most expensive resources first, each once with its count, without details. */
function summarize({ lines }: Plan): string {
  const byPrice = lines.toSorted((a, b) => (b.monthly ?? 0) - (a.monthly ?? 0));
  const groups = Map.groupBy(byPrice, ({ what }) => (what.split(/[,;]/)[0] ?? what).replace(/^1 /, ""));
  const names = [...groups].map(([what, { length }]) => (length > 1 ? `${length}\u00a0×\u00a0${what}` : what));
  const remaining = names.length - maxSummaryItems;
  return remaining > 1 ? `${names.slice(0, maxSummaryItems).join(", ")} and ${remaining} more` : names.join(", ");
}

/** Matches paths that are pasted URLs: another scheme or host, a clone URL, a page of GitHub's own. */
const pastedUrl =
  /^\/(?:[a-z+]+:\/|git@|www\.)|\.git(?:\/|$)|^\/github\.com\/[^/]+\/[^/]+\/(?:tree|blob|raw|edit|blame|commits?|releases|tags|branches|pulls?|issues|actions|wiki|archive|compare)(?:\/|$)/i;

/** Redirects URLs that were pasted behind this origin: `/github.com/o/r/tree/main/app`, `/https://github.com/o/r`. */
export const pastedUrlRedirects = ({ resolveAddress }: AppContext) =>
  new Hono().get("*", async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    if (!pastedUrl.test(pathname)) return next();
    const parsed = parseAddress(pathname.slice(1) + search);
    if (!parsed.ok) {
      const [note] = parsed.problems;
      return note ? respondProblem(c, { kind: "invalid", note }) : next();
    }
    const resolved = await resolveAddress(parsed.value);
    if (!resolved.ok) return respondProblem(c, resolved.trouble);
    const to = addressPath(resolved.address);
    return to === pathname + search ? next() : c.redirect(to);
  });

/** Returns `base` extended by the answers that a link prefills, so that they reach the form. */
function withAnswers(query: Record<string, string>, base: string): string {
  const answers = Object.entries(query).filter(([key]) => /^env\[.+\]$/.test(key));
  if (answers.length === 0) return base;
  return `${base}${base ? "&" : "?"}${new URLSearchParams(answers)}`;
}
