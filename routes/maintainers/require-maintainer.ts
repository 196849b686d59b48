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
      title: "Nobody can sign in here yet",
      message: "This page is for a repository's maintainers, and GitHub says who they are.",
      fix: "Whoever runs this Slipway has to set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET: docs/sign-in.md says how.",
      actions: [{ label: "To the start", href: "/" }],
    });
  return respondAuthError(c, 401, {
    title: "Sign in to see this",
    message: "This page is for a repository's maintainers: those who may push to it, as GitHub says.",
    fix: "Signing in tells us your login, and lets us read what is public. It gives no access to your code.",
    actions: [{ label: "Sign in with GitHub", href: `/sign-in?${new URLSearchParams({ to })}` }],
  });
}

const respondForbidden = (c: Context, address: Address, login?: string) =>
  respondAuthError(c, 403, {
    title: "This is not yours to see",
    message: login
      ? `GitHub does not let ${login} push to ${address.owner}/${address.repo}.`
      : `${address.owner}/${address.repo} belongs to the machine this Slipway runs on.`,
    fix: login ? "Ask its owner to let you, or sign out and sign in as somebody else. A new yes takes a minute." : "",
    actions: [{ label: "To its page", href: addressPath(address) }],
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
