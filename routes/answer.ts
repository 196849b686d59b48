import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Trouble } from "../src/repo.ts";
import type { Note } from "../src/result.ts";
import type { Html } from "../views/html.ts";
import { troublePage } from "../views/trouble.ts";
import { assets } from "./assets.ts";

/** Whether the client would rather have the JSON twin than the page. */
export function wantsJson(c: Context): boolean {
  const accept = c.req.header("accept") ?? "";
  return accept.includes("application/json") && !accept.includes("text/html");
}

/** Whether it is a program that speaks, which wants no page in return. */
export const isProgram = (c: Context) =>
  wantsJson(c) || (c.req.header("content-type") ?? "").startsWith("application/json");

/** One answer in two forms: the page for people, its JSON twin for programs. */
export function answer(
  c: Context,
  json: () => unknown,
  page: () => Html,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> {
  c.header("Vary", "Accept");
  return wantsJson(c) ? c.json(json() as object, status) : c.html(page(), status);
}

const statuses: Record<Trouble["kind"], ContentfulStatusCode> = {
  invalid: 400,
  missing: 404,
  moved: 200,
  "no-ref": 404,
  "no-path": 404,
  limited: 503,
  unreachable: 502,
  "too-large": 422,
};

const titles: Record<Trouble["kind"], string> = {
  invalid: "This address cannot be read",
  missing: "There is no such repository",
  moved: "This repository has moved",
  "no-ref": "There is no such branch, tag or commit",
  "no-path": "There is no such folder",
  limited: "GitHub asks us to wait",
  unreachable: "GitHub does not answer",
  "too-large": "This repository is too large",
};

/** A repository that cannot be looked at: why, and what to do. `actions` lead on from there. */
export function troubled(c: Context, trouble: Trouble, actions: { label: string; href: string }[] = []) {
  const { kind, note, retryAt } = trouble;
  if (retryAt) c.header("Retry-After", String(Math.max(1, Math.ceil((retryAt.getTime() - Date.now()) / 1000))));
  return answer(
    c,
    () => ({ problems: [note] }),
    () =>
      troublePage({
        assets,
        title: titles[kind],
        message: note.message,
        fix: note.fix,
        actions: [...actions, { label: "Start over with another repository", href: "/" }],
        retryAt: retryAt ?? null,
      }),
    statuses[kind],
  );
}

/** A request that cannot be done, said in a sentence. */
export function refused(
  c: Context,
  status: ContentfulStatusCode,
  title: string,
  { message, fix }: Pick<Note, "message" | "fix">,
) {
  return answer(
    c,
    () => ({ problems: [{ file: "", line: null, column: null, path: "", message, fix }] }),
    () => troublePage({ assets, title, message, fix, actions: [{ label: "To the start", href: "/" }], retryAt: null }),
    status,
  );
}
