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

const cookie = "sign_in";
const Begun = z.object({
  kept: z.object({ state: z.string(), verifier: z.string() }),
  scope: z.enum(scopes),
  to: z.string(),
});

/** Signing in with GitHub and out again, and the page that says where somebody is signed in. */
export const signInRoutes = (context: Needs) => {
  const { config, now, seal, sessions } = context;
  const { origin } = config;
  const sealed = { origin, seal, now };
  const wayBack = (to: string | undefined) => {
    const path = sameOriginPath(to, origin);
    return path === null || path.startsWith("/sign-") ? "/account" : path;
  };

  function end(session: Session) {
    const token = sessions.tokenOf(session);
    sessions.end(session.id);
    if (token !== null) context.signIn?.revokeToken(token);
  }

  function signedOut(c: Context, ended: Session[]) {
    ended.forEach(end);
    deleteSessionCookie(c, context);
    return c.redirect("/", 303);
  }

  return new Hono()
    .get("/sign-in", async (c) => {
      c.header("Cache-Control", "no-store");
      if (context.signIn === null) return respondUnauthorized(c, context);
      const { pathname, search, host } = new URL(c.req.url);
      // A cookie for 127.0.0.1 would not be there when GitHub leads back to localhost.
      if (isLoopback(origin) && host !== new URL(origin).host) return c.redirect(origin + pathname + search);
      const scope: Scope = scopes.find((one) => one === c.req.query("scope")) ?? "";
      const to = wayBack(c.req.query("to"));
      try {
        const begun = await context.signIn.begin(scope);
        setSealedCookie(c, sealed, cookie, { kept: begun.pending, scope, to });
        return c.redirect(begun.url);
      } catch (error) {
        return failed(c, error, to);
      }
    })

    .get("/sign-in/callback", async (c) => {
      c.header("Cache-Control", "no-store");
      if (context.signIn === null) return respondUnauthorized(c, context);
      const begun = Begun.safeParse(getSealedCookie(c, sealed, cookie));
      if (!begun.success)
        return failed(
          c,
          new OperationalError("This sign-in was started in another browser or has expired.", again),
          "/account",
        );
      const { scope, to } = begun.data;
      // Whatever comes of it, it comes once.
      deleteSealedCookie(c, sealed, cookie);
      const { search, searchParams } = new URL(c.req.url);
      if (searchParams.get("error") === "access_denied")
        return failed(c, new OperationalError("You declined the sign-in at GitHub.", again), to);
      try {
        const who = await context.signIn.finish(begun.data.kept, scope, new URL(`${origin}/sign-in/callback${search}`));
        // A new session for whoever comes back: what was in the browser before is worth nothing any more.
        const before = currentSession(c, context);
        if (before) end(before);
        setSessionCookie(c, context, sessions.begin(who).secret);
        return c.redirect(origin + to, 303);
      } catch (error) {
        return failed(c, error, to);
      }
    })

    .post("/sign-out", (c) => {
      const session = currentSession(c, context);
      return signedOut(c, session ? [session] : []);
    })

    .post("/sign-out/everywhere", (c) => {
      const session = currentSession(c, context);
      return signedOut(c, session ? sessions.all(session.user) : []);
    })

    .get("/account", (c) => {
      c.header("Cache-Control", "no-store");
      const session = currentSession(c, context);
      if (!session) return respondUnauthorized(c, context);
      const { login, user, id } = session;
      const all = sessions.all(user).map(({ created, used, scope, ...one }) => ({
        created: created.toISOString(),
        used: used.toISOString().slice(0, 10),
        scope,
        current: one.id === id,
      }));
      return respond(
        c,
        () => ({ login, sessions: all }),
        () => accountPage({ assets, signedIn: login, login, sessions: all }),
      );
    });
};

const again = "Sign in again from the page you came from.";

function failed(c: Context, error: unknown, to: string) {
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
