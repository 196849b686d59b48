import type { Context } from "hono";
import { addressPath } from "../../src/address.ts";
import { isLoopback } from "../../src/config.ts";
import type { Session } from "../../src/maintainers/sessions.ts";
import type { Address } from "../../src/repo.ts";
import { errorPage } from "../../views/error-page.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { respond, respondProblem } from "../http/respond.ts";
import { currentSession } from "./session-cookie.ts";

/** Somebody who may see and change what is a repository's own. */
export interface Maintainer {
  /** As pages and rows name them. */
  login: string;
  /** null: the person at this machine, whom nobody has to sign in. */
  session: Session | null;
}

type Needs = Pick<AppContext, "config" | "sessions" | "maintainers">;

/** Whoever is at the machine that a Slipway for this machine alone runs on. */
export const isLocalOwner = ({ config }: Pick<AppContext, "config">) => config.localCloud && isLoopback(config.origin);

/**
 * The maintainer who asks for this page of a repository, or the answer to send instead: the way to sign in and back,
 * or why it is closed to them. Repositories on this machine belong to who is at it.
 */
export async function requireMaintainer(c: Context, context: Needs, address: Address): Promise<Maintainer | Response> {
  c.header("Cache-Control", "no-store");
  if (address.host === "local")
    return isLocalOwner(context) ? { login: "local", session: null } : notTheirs(c, address);
  const session = currentSession(c, context);
  if (!session) return respondUnauthorized(c, context);
  const may = await context.maintainers.hasPushAccess(session, address);
  if (typeof may !== "boolean") return respondProblem(c, may);
  if (may) return { login: session.login, session };
  // GitHub did not know the token any more.
  return currentSession(c, context) ? notTheirs(c, address, session.login) : respondUnauthorized(c, context);
}

/** Where a page leads that needs to know who asks. The way back is a page: what a form sent is not sent again. */
export function respondUnauthorized(c: Context, { config }: Pick<AppContext, "config">, way?: string) {
  const { pathname, search } = new URL(c.req.url);
  const to = way ?? (c.req.method === "GET" ? pathname + search : pathname);
  if (config.github.client === null)
    return page(c, 403, {
      title: "Nobody can sign in here yet",
      message: "This page is for a repository's maintainers, and GitHub says who they are.",
      fix: "Whoever runs this Slipway has to set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET: docs/sign-in.md says how.",
      actions: [{ label: "To the start", href: "/" }],
    });
  return page(c, 401, {
    title: "Sign in to see this",
    message: "This page is for a repository's maintainers: those who may push to it, as GitHub says.",
    fix: "Signing in tells us your login, and lets us read what is public. It gives no access to your code.",
    actions: [{ label: "Sign in with GitHub", href: `/sign-in?${new URLSearchParams({ to })}` }],
  });
}

const notTheirs = (c: Context, address: Address, login?: string) =>
  page(c, 403, {
    title: "This is not yours to see",
    message: login
      ? `GitHub does not let ${login} push to ${address.owner}/${address.repo}.`
      : `${address.owner}/${address.repo} belongs to the machine this Slipway runs on.`,
    fix: login ? "Ask its owner to let you, or sign out and sign in as somebody else. A new yes takes a minute." : "",
    actions: [{ label: "To its page", href: addressPath(address) }],
    signedIn: login,
  });

function page(
  c: Context,
  status: 401 | 403,
  { title, message, fix, ...more }: Omit<Parameters<typeof errorPage>[0], "assets" | "retryAt">,
) {
  c.header("Cache-Control", "no-store");
  return respond(
    c,
    () => ({ problems: [{ file: "", line: null, column: null, path: "", message, fix }] }),
    () => errorPage({ assets, title, message, fix, ...more, retryAt: null }),
    status,
  );
}
