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
      title: "Sign-in isn't set up",
      message: "This page is for the repository's maintainers, who sign in with GitHub.",
      fix: "The operator of this server needs to set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET (see docs/sign-in.md).",
      actions: [{ label: "Home", href: "/" }],
    });
  return page(c, 401, {
    title: "Sign in to see this page",
    message: "This page is for people with write access to the repository on GitHub.",
    fix: "We see your login and public profile. We get no access to your code.",
    actions: [{ label: "Sign in with GitHub", href: `/sign-in?${new URLSearchParams({ to })}` }],
  });
}

const notTheirs = (c: Context, address: Address, login?: string) =>
  page(c, 403, {
    title: "You don't have access to this page",
    message: login
      ? `${login} doesn't have write access to ${address.owner}/${address.repo}.`
      : `${address.owner}/${address.repo} is a folder of the machine that Slipway runs on.`,
    fix: login
      ? "Ask the owner for access, or sign in with another account. New permissions can take a minute to apply."
      : "",
    actions: [{ label: "Open the app page", href: addressPath(address) }],
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
