import { type Context, Hono } from "hono";
import { z } from "zod";
import { OperationalError } from "../../src/clouds/cloud.ts";
import { isLoopback } from "../../src/config.ts";
import { type Scope, scopes } from "../../src/maintainers/github-sign-in.ts";
import type { Session } from "../../src/maintainers/sessions.ts";
import { errorPage } from "../../views/error-page.ts";
import { accountPage } from "../../views/maintainers/account.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { respond } from "../http/respond.ts";
import { sameOriginPath } from "../http/same-origin-path.ts";
import { deleteSealedCookie, getSealedCookie, setSealedCookie } from "../http/sealed-cookie.ts";
import { respondUnauthorized } from "./require-maintainer.ts";
import { currentSession, deleteSessionCookie, setSessionCookie } from "./session-cookie.ts";

type Needs = Pick<AppContext, "config" | "now" | "seal" | "sessions" | "signIn">;

const cookieName = "sign_in";
/** The content of the cookie that lasts from leaving for GitHub until the callback. */
const SignInCookie = z.object({
  kept: z.object({ state: z.string(), verifier: z.string() }),
  scope: z.enum(scopes),
  to: z.string(),
});

/** Signs users in with GitHub and out again, and serves the list of their sessions. */
export const signInRoutes = (context: Needs) => {
  const { config, sessions } = context;
  const { origin } = config;
  const returnPathOf = (to: string | undefined) => {
    const path = sameOriginPath(to, origin);
    return path === null || path.startsWith("/sign-") ? "/account" : path;
  };

  function end(session: Session) {
    const token = sessions.tokenOf(session);
    sessions.end(session.id);
    if (token !== null) context.signIn?.revokeToken(token);
  }

  function signOut(c: Context, ended: Session[]) {
    ended.forEach(end);
    deleteSessionCookie(c, context);
    return c.redirect("/", 303);
  }

  return new Hono()
    .get("/sign-in", async (c) => {
      c.header("Cache-Control", "no-store");
      if (context.signIn === null) return respondUnauthorized(c, context);
      const { pathname, search, host } = new URL(c.req.url);
      // A cookie set on 127.0.0.1 would be missing when GitHub redirects to localhost.
      if (isLoopback(origin) && host !== new URL(origin).host) return c.redirect(origin + pathname + search);
      const scope: Scope = scopes.find((option) => option === c.req.query("scope")) ?? "";
      const to = returnPathOf(c.req.query("to"));
      try {
        const { url, pending } = await context.signIn.begin(scope);
        setSealedCookie(c, context, cookieName, { kept: pending, scope, to });
        return c.redirect(url);
      } catch (error) {
        return respondNotSignedIn(c, error, to);
      }
    })

    .get("/sign-in/callback", async (c) => {
      c.header("Cache-Control", "no-store");
      if (context.signIn === null) return respondUnauthorized(c, context);
      const cookie = SignInCookie.safeParse(getSealedCookie(c, context, cookieName));
      if (!cookie.success)
        return respondNotSignedIn(
          c,
          new OperationalError("This sign-in was started in another browser or has expired.", signInAgain),
          "/account",
        );
      const { scope, to } = cookie.data;
      // The cookie can be used once.
      deleteSealedCookie(c, context, cookieName);
      const { search, searchParams } = new URL(c.req.url);
      if (searchParams.get("error") === "access_denied")
        return respondNotSignedIn(c, new OperationalError("You declined the sign-in at GitHub.", signInAgain), to);
      try {
        const user = await context.signIn.finish(
          cookie.data.kept,
          scope,
          new URL(`${origin}/sign-in/callback${search}`),
        );
        // Ends the previous session of this browser, against session fixation.
        const previous = currentSession(c, context);
        if (previous) end(previous);
        setSessionCookie(c, context, sessions.begin(user).secret);
        return c.redirect(origin + to, 303);
      } catch (error) {
        return respondNotSignedIn(c, error, to);
      }
    })

    .post("/sign-out", (c) => {
      const session = currentSession(c, context);
      return signOut(c, session ? [session] : []);
    })

    .post("/sign-out/everywhere", (c) => {
      const session = currentSession(c, context);
      return signOut(c, session ? sessions.all(session.user) : []);
    })

    .get("/account", (c) => {
      c.header("Cache-Control", "no-store");
      const session = currentSession(c, context);
      if (!session) return respondUnauthorized(c, context);
      const { login, user, id } = session;
      const list = sessions.all(user).map(({ created, used, scope, ...session }) => ({
        created: created.toISOString(),
        used: used.toISOString().slice(0, 10),
        scope,
        current: session.id === id,
      }));
      return respond(
        c,
        () => ({ login, sessions: list }),
        () => accountPage({ assets, signedIn: login, login, sessions: list }),
      );
    });
};

const signInAgain = "Sign in again from the page you came from.";

function respondNotSignedIn(c: Context, error: unknown, to: string) {
  if (!(error instanceof OperationalError)) throw error;
  const { message, next } = error;
  return respond(
    c,
    () => ({ problems: [{ file: "", line: null, column: null, path: "", message, fix: next }] }),
    () =>
      errorPage({
        assets,
        title: "You aren't signed in",
        message,
        fix: next,
        actions: [
          { label: "Sign in again", href: `/sign-in?${new URLSearchParams({ to })}` },
          { label: "Home", href: "/" },
        ],
        retryAt: null,
      }),
    400,
  );
}
