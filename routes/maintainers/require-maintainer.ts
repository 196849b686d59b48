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

/** A user with push access to a repository, or the owner of this machine. */
export interface Maintainer {
  /** The name on pages and in the database. */
  login: string;
  /** null for the owner of this machine, who does not sign in. */
  session: Session | null;
}

type Needs = Pick<AppContext, "config" | "sessions" | "maintainers">;

/** Returns whether every visitor is the owner of this machine, because only this machine can reach the server. */
export const isLocalOwner = ({ config }: Pick<AppContext, "config">) => config.localCloud && isLoopback(config.origin);

/**
 * Returns the maintainer who sends this request, or the response to send instead: a link to sign in, or 403. Local
 * repositories belong to the owner of this machine.
 */
export async function requireMaintainer(c: Context, context: Needs, address: Address): Promise<Maintainer | Response> {
  c.header("Cache-Control", "no-store");
  if (address.host === "local")
    return isLocalOwner(context) ? { login: "local", session: null } : respondForbidden(c, address);
  const session = currentSession(c, context);
  if (!session) return respondUnauthorized(c, context);
  const canPush = await context.maintainers.hasPushAccess(session, address);
  if (typeof canPush !== "boolean") return respondProblem(c, canPush);
  if (canPush) return { login: session.login, session };
  // The session ends when GitHub rejects its token.
  return currentSession(c, context) ? respondForbidden(c, address, session.login) : respondUnauthorized(c, context);
}

/** Responds with a link to sign in and return to this page, or to the page at `returnPath`. A posted form is not sent again. */
export function respondUnauthorized(c: Context, { config }: Pick<AppContext, "config">, returnPath?: string) {
  const { pathname, search } = new URL(c.req.url);
  const to = returnPath ?? (c.req.method === "GET" ? pathname + search : pathname);
  if (config.github.client === null)
    return respondAuthError(c, 403, {
      title: "Sign-in isn't set up",
      message: "This page is for the repository's maintainers, who sign in with GitHub.",
      fix: "The operator of this server needs to set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET (see docs/sign-in.md).",
      actions: [{ label: "Home", href: "/" }],
    });
  return respondAuthError(c, 401, {
    title: "Sign in to see this page",
    message: "This page is for people with write access to the repository on GitHub.",
    fix: "We see your login and public profile. We get no access to your code.",
    actions: [{ label: "Sign in with GitHub", href: `/sign-in?${new URLSearchParams({ to })}` }],
  });
}

const respondForbidden = (c: Context, address: Address, login?: string) =>
  respondAuthError(c, 403, {
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

function respondAuthError(
  c: Context,
  status: 401 | 403,
  { title, message, fix, ...options }: Omit<Parameters<typeof errorPage>[0], "assets" | "retryAt">,
) {
  c.header("Cache-Control", "no-store");
  return respond(
    c,
    () => ({ problems: [{ file: "", line: null, column: null, path: "", message, fix }] }),
    () => errorPage({ assets, title, message, fix, ...options, retryAt: null }),
    status,
  );
}
