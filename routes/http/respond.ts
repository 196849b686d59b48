import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { addressPath } from "../../src/address.ts";
import type { RepositoryProblem } from "../../src/repo.ts";
import type { Note } from "../../src/result.ts";
import { errorPage } from "../../views/error-page.ts";
import type { Html } from "../../views/html.ts";
import { assets } from "./assets.ts";

/** Whether it is a program that speaks, by what it sends or asks for: it wants the JSON twin, and no page. */
export function wantsJson(c: Context): boolean {
  if (/^application\/json\b/i.test(c.req.header("content-type") ?? "")) return true;
  const accept = (c.req.header("accept") ?? "").toLowerCase();
  return accept.includes("application/json") && !accept.includes("text/html");
}

/** One answer in two forms: the page for people, its JSON twin for programs. */
export function respond(
  c: Context,
  json: () => unknown,
  page: () => Html,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> {
  c.header("Vary", "Accept");
  return wantsJson(c) ? c.json(json() as object, status) : c.html(page(), status);
}

const statuses: Record<RepositoryProblem["kind"], ContentfulStatusCode> = {
  invalid: 400,
  blocked: 403,
  missing: 404,
  moved: 404,
  "no-ref": 404,
  "no-path": 404,
  limited: 503,
  unreachable: 502,
  "too-large": 422,
};

const titles: Record<RepositoryProblem["kind"], string> = {
  invalid: "We can't read this URL",
  blocked: "This repository is blocked here",
  missing: "Repository not found",
  moved: "This repository has moved",
  "no-ref": "Branch, tag or commit not found",
  "no-path": "Folder not found",
  limited: "GitHub's rate limit is reached",
  unreachable: "GitHub isn't responding",
  "too-large": "This repository is too large",
};

/** A repository that cannot be looked at: why, and what to do. Where it has moved, the page leads on. */
export function respondProblem(c: Context, { kind, note, retryAt, to }: RepositoryProblem) {
  const onward = to ? [{ label: `Continue to ${to.owner}/${to.repo}`, href: addressPath(to) }] : [];
  if (retryAt) c.header("Retry-After", String(Math.max(1, Math.ceil((retryAt.getTime() - Date.now()) / 1000))));
  return respond(
    c,
    () => ({ problems: [note] }),
    () =>
      errorPage({
        assets,
        title: titles[kind],
        message: note.message,
        fix: note.fix,
        actions: [...onward, { label: "Choose another repository", href: "/" }],
        retryAt: retryAt ?? null,
      }),
    statuses[kind],
  );
}

/** A request that cannot be done, said in a sentence. */
export function respondError(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  { message, fix }: Pick<Note, "message" | "fix">,
) {
  return respond(
    c,
    () => ({ problems: [{ file: "", line: null, column: null, path: "", message, fix }] }),
    () => errorPage({ assets, title, message, fix, actions: [{ label: "Home", href: "/" }], retryAt: null }),
    status,
  );
}

/** What every address answers that leads nowhere. */
export const respondNotFound = (c: Context) =>
  respondError(c, 404, "Page not found", {
    message:
      "To open a repository, put this site's address before the GitHub path, for example /github.com/discourse/discourse.",
    fix: "Paste a repository on the home page.",
  });
