import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { addressPath } from "../../src/address.ts";
import type { RepositoryProblem } from "../../src/repo.ts";
import type { Note } from "../../src/result.ts";
import { errorPage } from "../../views/error-page.ts";
import type { Html } from "../../views/html.ts";
import { assets } from "./assets.ts";
import { isJsonBody } from "./body-fields.ts";

/** Returns whether the client sends or accepts JSON rather than HTML. */
export function wantsJson(c: Context): boolean {
  if (isJsonBody(c)) return true;
  const accept = (c.req.header("accept") ?? "").toLowerCase();
  return accept.includes("application/json") && !accept.includes("text/html");
}

/** Responds with the page, or with its JSON twin if the client wants JSON. */
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

/** Responds that a repository cannot be inspected, and why. If it has moved, the page links to its new address. */
export function respondProblem(c: Context, { kind, note, retryAt, to }: RepositoryProblem) {
  const newAddress = to ? [{ label: `Continue to ${to.owner}/${to.repo}`, href: addressPath(to) }] : [];
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
        actions: [...newAddress, { label: "Choose another repository", href: "/" }],
        retryAt: retryAt ?? null,
      }),
    statuses[kind],
  );
}

/** Responds with an error: a page, or a JSON body with one problem. */
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

/** Responds 404 to a URL that no route matches. */
export const respondNotFound = (c: Context) =>
  respondError(c, 404, "Page not found", {
    message:
      "To open a repository, put this site's address before the GitHub path, for example /github.com/discourse/discourse.",
    fix: "Paste a repository on the home page.",
  });
