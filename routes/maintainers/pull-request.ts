import { type Context, Hono } from "hono";
import { z } from "zod";
import type { App } from "../../src/app.ts";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { createProposal } from "../../src/maintainers/badge-proposal.ts";
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
import { badgeChoiceFromUrl, badgeChoiceQuery } from "./badge-studio.ts";
import { proposalJson, pullRequestBody } from "./proposal-text.ts";
import { requireMaintainer } from "./require-maintainer.ts";

type Needs = Pick<AppContext, "config" | "clouds" | "inspect" | "sessions" | "maintainers" | "userClient">;

/** The repository of the URL and the maintainer who sends the request. */
interface ProposalRequest {
  repository: LoadedRepository;
  app: App;
  session: Session;
  token: string;
}

/** Names the reviewed change: what is opened must be what was shown. */
const Seal = z.object({ seal: z.string() });
const title = "Add a button that deploys this app";

/** Shows the change that adds the badge to a README, and opens it as a pull request in the maintainer's name. */
export const pullRequestRoutes = (context: Needs) => {
  const { config, clouds, inspect, sessions, userClient } = context;
  /** Pull requests that are being opened: a double submit gets the same one. */
  const pendingRequests = new Map<string, Promise<number>>();

  async function load(c: Context): Promise<ProposalRequest | Response> {
    const checked = addressFromUrl(c);
    if (checked.ok && checked.value.host !== "github.com") return respondNotFound(c);
    if (checked.ok) {
      const maintainer = await requireMaintainer(c, context, checked.value);
      if (maintainer instanceof Response) return maintainer;
      const repository = await loadRepository(c, inspect);
      if (repository instanceof Response) return repository;
      const app = await requireApp(c, repository);
      if (app instanceof Response) return app;
      const { session } = maintainer;
      const token = session && sessions.tokenOf(session);
      if (session && token) return { repository, app, session, token };
      return respondNotFound(c);
    }
    const invalid = await loadRepository(c, inspect);
    return invalid instanceof Response ? invalid : respondNotFound(c);
  }

  /** Creates the change that the page's query describes. */
  async function propose(c: Context, { repository, app, token }: ProposalRequest) {
    const { snapshot } = repository;
    const { owner, repo } = snapshot.address;
    const address = { ...repository.address, owner, repo };
    const client = userClient(token);
    const current = await readDefaultBranch(client, { owner, repo, path: address.path });
    const choice = badgeChoiceFromUrl(c.req.url, app, repository.settings, clouds);
    const { html, heroku, manifest } = c.req.query();
    const suggestion = current.siblings.some((name) => /^(?:app|slipway)\.json$/.test(name))
      ? null
      : (await checkManifestFiles(snapshot)).suggestion;
    const options = {
      asHtml: html === "true",
      replaceHeroku: heroku === "replace",
      manifest: manifest === "true" ? suggestion : null,
    };
    const badges = placeBadges(config.origin, address, app, choice);
    const proposal = createProposal({ current, origin: config.origin, address, badges, wish: options });
    return { client, current, choice, options, suggestion, proposal };
  }

  async function renderProposal(
    c: Context,
    { repository, app, session }: ProposalRequest,
    { proposal, current, choice, options, suggestion }: Awaited<ReturnType<typeof propose>>,
    isStale: boolean,
  ) {
    const { path, query } = repository;
    const { pathname, search } = new URL(c.req.url);
    const canWrite = session.scope.split(/[\s,]+/).some((scope) => scope === "public_repo" || scope === "repo");
    const json = () => ({ ...proposalJson(proposal), seal: proposal.seal });
    return respond(
      c,
      json,
      () =>
        pullRequestPage({
          assets,
          path,
          query,
          app,
          proposal,
          branch: current.branch,
          chosen: [...new URLSearchParams(badgeChoiceQuery(query, choice))],
          options: { ...options, manifest: options.manifest !== null },
          canAddManifest: suggestion !== null,
          action: pathname + search,
          signedIn: session.login,
          authorizeUrl: canWrite
            ? null
            : `/sign-in?${new URLSearchParams({ scope: "public_repo", to: pathname + search })}`,
          isStale,
        }),
      isStale ? 409 : 200,
    );
  }

  /** Runs `action`; responds with the error page if GitHub refuses. */
  async function orRespondError(
    c: Context,
    request: ProposalRequest,
    action: () => Promise<Response>,
  ): Promise<Response> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const { pathname, search } = new URL(c.req.url);
      const signInAgain = `/sign-in?${new URLSearchParams({ scope: "public_repo", to: pathname + search })}`;
      const { path } = request.repository;
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
              ...(error instanceof InsufficientScope ? [{ label: "Sign in again", href: signInAgain }] : []),
              { label: "Back to the badge", href: `${path}/badge${search}` },
            ],
            retryAt: null,
            signedIn: request.session.login,
          }),
        422,
      );
    }
  }

  return new Hono()
    .get("/:host/:owner/:repo/badge/pull-request", async (c) => {
      const request = await load(c);
      if (request instanceof Response) return request;
      return orRespondError(c, request, async () => renderProposal(c, request, await propose(c, request), false));
    })

    .post("/:host/:owner/:repo/badge/pull-request", limitBody, async (c) => {
      const request = await load(c);
      if (request instanceof Response) return request;
      const body: unknown = wantsJson(c) ? await c.req.json().catch(() => null) : await c.req.parseBody();
      const seal = Seal.safeParse(body).data?.seal;
      return orRespondError(c, request, async () => {
        const proposed = await propose(c, request);
        const { proposal, current, client } = proposed;
        if (proposal.seal !== seal || proposal.change.size === 0) return renderProposal(c, request, proposed, true);
        const key = JSON.stringify([current.owner, current.repo, seal]);
        const change = {
          files: proposal.change,
          title,
          body: pullRequestBody(proposal, `${config.origin}${request.repository.path}`),
        };
        const pending = pendingRequests.get(key) ?? openPullRequest(client, current, change);
        pendingRequests.set(key, pending);
        const number = await pending.finally(() => pendingRequests.delete(key));
        const url = `https://github.com/${current.owner}/${current.repo}/pull/${number}`;
        if (wantsJson(c)) return c.json({ number, url }, 201);
        return c.redirect(`${request.repository.path}/badge/pull-request/${number}`, 303);
      });
    })

    .get("/:host/:owner/:repo/badge/pull-request/:number{[1-9][0-9]{0,9}}", async (c) => {
      const checked = addressFromUrl(c);
      if (!checked.ok || checked.value.host !== "github.com") return respondNotFound(c);
      const maintainer = await requireMaintainer(c, context, checked.value);
      if (maintainer instanceof Response) return maintainer;
      const { path } = pagePath(checked.value);
      return c.html(openedPage({ assets, path, number: Number(c.req.param("number")), signedIn: maintainer.login }));
    });
};
