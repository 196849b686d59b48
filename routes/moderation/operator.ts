import { type Context, Hono } from "hono";
import { isLoopback } from "../../src/config.ts";
import { parseBlockTarget } from "../../src/moderation/block-target.ts";
import { reasons } from "../../src/moderation/reports.ts";
import { type Note, note } from "../../src/result.ts";
import { operatorPage } from "../../views/moderation/operator.ts";
import type { AppContext } from "../app-context.ts";
import { assets } from "../http/assets.ts";
import { parseBodyFields } from "../http/body-fields.ts";
import { respond, respondError, respondProblem, wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import { respondUnauthorized } from "../maintainers/require-maintainer.ts";
import { currentSession } from "../maintainers/session-cookie.ts";

const longestReason = 300;

/** Reports, and the list of what may not be deployed from here: for whoever runs this Slipway. */
export const operatorRoutes = (context: AppContext) => {
  const { blocks, config, maintainers, now, reports } = context;

  /** Who asks, if they run this Slipway; otherwise what to answer. */
  async function operatorOf(c: Context): Promise<{ login: string; signedIn: string | null } | Response> {
    c.header("Cache-Control", "no-store");
    const isAlone = isLoopback(config.origin) && config.github.client === null;
    if (isAlone) return { login: "local", signedIn: null };
    const session = currentSession(c, context);
    if (!session) return respondUnauthorized(c, context, "/operator");
    // As GitHub says it now: a login that was given up can be taken by somebody else.
    const login = await maintainers.currentLogin(session);
    if (login === null) return respondUnauthorized(c, context, "/operator");
    if (typeof login !== "string") return respondProblem(c, login);
    if (config.operators.includes(login.toLowerCase())) return { login, signedIn: login };
    return respondError(c, 403, "This page is for operators", {
      message: `${login} is not an operator of this server.`,
      fix: "OPERATORS lists the GitHub logins of the operators.",
    });
  }

  const told = () => {
    const open = reports.open();
    const byRepo = Map.groupBy(open, ({ repo }) => repo);
    return {
      through: open.at(-1)?.id ?? null,
      reported: [...byRepo].map(([repo, all]) => ({
        repo,
        reports: all.map(({ reason, text, at }) => ({
          reason: reasons.find(({ id }) => id === reason)?.name ?? reason,
          text,
          at: at.toISOString(),
        })),
      })),
      blocks: blocks.all().map((block) => ({ ...block, at: block.at.toISOString() })),
    };
  };
  const nothing = { name: "", reason: "" };
  const show = (c: Context, signedIn: string | null, typed = nothing, problems: Note[] = []) =>
    respond(
      c,
      () => (problems.length > 0 ? { problems } : told()),
      () => operatorPage({ assets, signedIn, ...told(), input: typed, problems }),
      problems.length > 0 ? 422 : 200,
    );
  const done = (c: Context) => (wantsJson(c) ? c.json(told()) : c.redirect("/operator", 303));

  return new Hono()
    .get("/operator", async (c) => {
      const who = await operatorOf(c);
      return who instanceof Response ? who : show(c, who.signedIn);
    })
    .post("/operator/blocks", limitBody, async (c) => {
      const who = await operatorOf(c);
      if (who instanceof Response) return who;
      const fields = await parseBodyFields(c);
      const typed = { name: String(fields.name ?? ""), reason: String(fields.reason ?? "").trim() };
      const name = parseBlockTarget(typed.name);
      const problems = name.ok ? [] : name.problems;
      if (typed.reason === "" || typed.reason.length > longestReason)
        problems.push(
          note(`Enter a reason of at most ${longestReason} characters.`, {
            path: "reason",
            fix: "Everyone who opens the badge sees it.",
          }),
        );
      if (!name.ok || problems.length > 0) return show(c, who.signedIn, typed, problems);
      blocks.put({ name: name.value, reason: typed.reason, by: who.login, at: now() });
      reports.close(name.value);
      return done(c);
    })
    .post("/operator/blocks/removal", limitBody, async (c) => {
      const who = await operatorOf(c);
      if (who instanceof Response) return who;
      const typed = String((await parseBodyFields(c)).name ?? "");
      const name = parseBlockTarget(typed);
      if (!name.ok) return show(c, who.signedIn, nothing, name.problems);
      blocks.remove(name.value);
      return done(c);
    })
    .post("/operator/reports/closing", limitBody, async (c) => {
      const who = await operatorOf(c);
      if (who instanceof Response) return who;
      const { repo = "", through } = await parseBodyFields(c);
      const last = Number(through);
      if (Number.isSafeInteger(last) && last > 0) reports.closeThrough(last);
      else reports.close(String(repo));
      return done(c);
    });
};
