import { type Context, Hono } from "hono";
import { z } from "zod";
import type { App } from "../../src/app.ts";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { createProposal, type Proposal } from "../../src/maintainers/badge-proposal.ts";
import { placeBadges } from "../../src/maintainers/readme/badge-choice.ts";
import type { Session } from "../../src/maintainers/sessions.ts";
import { readDefaultBranch } from "../../src/repositories/github/default-branch.ts";
import { openPullRequest } from "../../src/repositories/github/pull-request.ts";
import { InsufficientScope } from "../../src/repositories/github/user-client.ts";
import { checkManifestFiles } from "../../src/repositories/inspect.ts";
import { errorPage } from "../../views/error-page.ts";
import { openedPage, pullRequestPage } from "../../views/maintainers/pull-request.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { respond, respondNotFound, wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import {
  addressFromUrl,
  type LoadedRepository,
  loadRepository,
  pagePath,
  requireApp,
} from "../repositories/load-repository.ts";
import { badgeChoice, badgeChoiceQuery } from "./badge-studio.ts";
import { requireMaintainer } from "./require-maintainer.ts";

type Needs = Pick<AppContext, "config" | "clouds" | "inspect" | "sessions" | "maintainers" | "userClient">;

/** What the page is about once everybody and everything has been found. */
interface Asked {
  found: LoadedRepository;
  app: App;
  session: Session;
  token: string;
}

const Seal = z.object({ seal: z.string() });
const title = "Add a button that deploys this app";

/** The change of a README that adds the badge: to look at, and to open as a pull request in the maintainer's name. */
export const pullRequestRoutes = (context: Needs) => {
  const { config, clouds, inspect, sessions, userClient } = context;
  /** A press that comes while the same one is being carried out gets its answer. */
  const opening = new Map<string, Promise<number>>();

  async function asked(c: Context): Promise<Asked | Response> {
    const checked = addressFromUrl(c);
    if (checked.ok && checked.value.host !== "github.com") return respondNotFound(c);
    if (checked.ok) {
      const who = await requireMaintainer(c, context, checked.value);
      if (who instanceof Response) return who;
      const found = await loadRepository(c, inspect);
      if (found instanceof Response) return found;
      const app = await requireApp(c, found);
      if (app instanceof Response) return app;
      const token = who.session && sessions.tokenOf(who.session);
      if (who.session && token) return { found, app, session: who.session, token };
      return respondNotFound(c);
    }
    const refused = await loadRepository(c, inspect);
    return refused instanceof Response ? refused : respondNotFound(c);
  }

  /** The change as the page's query wants it. */
  async function proposed(c: Context, { found, app, token }: Asked) {
    const { snapshot } = found;
    const { owner, repo } = snapshot.address;
    const address = { ...found.address, owner, repo };
    const say = userClient(token);
    const current = await readDefaultBranch(say, { owner, repo, path: address.path });
    const chosen = badgeChoice(c.req.url, app, found.settings, clouds);
    const { html, heroku, manifest } = c.req.query();
    const suggestion = current.siblings.some((name) => /^(?:app|slipway)\.json$/.test(name))
      ? null
      : (await checkManifestFiles(snapshot)).suggestion;
    const wish = {
      asHtml: html === "true",
      replaceHeroku: heroku === "replace",
      manifest: manifest === "true" ? suggestion : null,
    };
    const badges = placeBadges(config.origin, address, app, chosen);
    const proposal = createProposal({ current, origin: config.origin, address, badges, wish });
    return { say, current, chosen, wish, suggestion, proposal };
  }

  async function page(c: Context, who: Asked, is: Awaited<ReturnType<typeof proposed>>, changed: boolean) {
    const { found, app, session } = who;
    const { path, query } = found;
    const { pathname, search } = new URL(c.req.url);
    const allowed = session.scope.split(/[\s,]+/).some((scope) => scope === "public_repo" || scope === "repo");
    const json = () => ({ ...told(is.proposal), seal: is.proposal.seal });
    return respond(
      c,
      json,
      () =>
        pullRequestPage({
          assets,
          path,
          query,
          app,
          proposal: is.proposal,
          branch: is.current.branch,
          chosen: [...new URLSearchParams(badgeChoiceQuery(query, is.chosen))],
          options: { ...is.wish, manifest: is.wish.manifest !== null },
          canAddManifest: is.suggestion !== null,
          action: pathname + search,
          signedIn: session.login,
          authorizeUrl: allowed
            ? null
            : `/sign-in?${new URLSearchParams({ scope: "public_repo", to: pathname + search })}`,
          isStale: changed,
        }),
      changed ? 409 : 200,
    );
  }

  async function orRefused(c: Context, who: Asked, act: () => Promise<Response>): Promise<Response> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const { pathname, search } = new URL(c.req.url);
      const again = `/sign-in?${new URLSearchParams({ scope: "public_repo", to: pathname + search })}`;
      const { path } = who.found;
      return respond(
        c,
        () => ({
          problems: [{ file: "", line: null, column: null, path: "", message: error.message, fix: error.next }],
        }),
        () =>
          errorPage({
            assets,
            title: "The pull request wasn't opened",
            message: error.message,
            fix: error.next,
            actions: [
              ...(error instanceof InsufficientScope ? [{ label: "Sign in again", href: again }] : []),
              { label: "Back to the badge", href: `${path}/badge${search}` },
            ],
            retryAt: null,
            signedIn: who.session.login,
          }),
        422,
      );
    }
  }

  return new Hono()
    .get("/:host/:owner/:repo/badge/pull-request", async (c) => {
      const who = await asked(c);
      if (who instanceof Response) return who;
      return orRefused(c, who, async () => page(c, who, await proposed(c, who), false));
    })

    .post("/:host/:owner/:repo/badge/pull-request", limitBody, async (c) => {
      const who = await asked(c);
      if (who instanceof Response) return who;
      const body: unknown = wantsJson(c) ? await c.req.json().catch(() => null) : await c.req.parseBody();
      const seal = Seal.safeParse(body).data?.seal;
      return orRefused(c, who, async () => {
        const is = await proposed(c, who);
        if (is.proposal.seal !== seal || is.proposal.change.size === 0) return page(c, who, is, true);
        const key = JSON.stringify([is.current.owner, is.current.repo, seal]);
        const change = {
          files: is.proposal.change,
          title,
          body: bodyOf(is.proposal, `${config.origin}${who.found.path}`),
        };
        const begun = opening.get(key) ?? openPullRequest(is.say, is.current, change);
        opening.set(key, begun);
        const number = await begun.finally(() => opening.delete(key));
        const url = `https://github.com/${is.current.owner}/${is.current.repo}/pull/${number}`;
        if (wantsJson(c)) return c.json({ number, url }, 201);
        return c.redirect(`${who.found.path}/badge/pull-request/${number}`, 303);
      });
    })

    .get("/:host/:owner/:repo/badge/pull-request/:number{[1-9][0-9]{0,9}}", async (c) => {
      const checked = addressFromUrl(c);
      if (!checked.ok || checked.value.host !== "github.com") return respondNotFound(c);
      const who = await requireMaintainer(c, context, checked.value);
      if (who instanceof Response) return who;
      const { path } = pagePath(checked.value);
      return c.html(openedPage({ assets, path, number: Number(c.req.param("number")), signedIn: who.login }));
    });
};

const told = ({ file, where, diffs }: Proposal) => ({
  file,
  where,
  diff: diffs.map(({ lines }) => lines.map(({ text }) => `${text}\n`).join("")).join(""),
});

/** What the pull request says of itself, to whoever has to decide on it. */
const bodyOf = ({ change }: Proposal, page: string) =>
  `${[
    `The button links to ${page}. Visitors see what the app needs and what it costs on each cloud, and can deploy it to their own account.`,
    `Changed: ${[...change.keys()].map((file) => `\`${file}\``).join(" and ")}. Nothing else.`,
    ...([...change.keys()].some((file) => file.endsWith("app.json"))
      ? [
          "`app.json` describes what was found in the repository. Review it before you merge: Slipway reads it from then on.",
        ]
      : []),
  ].join("\n\n")}\n`;
