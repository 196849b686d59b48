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

const maxReasonLength = 300;

/** Serves reports and blocked repositories to operators. */
export const operatorRoutes = (context: AppContext) => {
  const { blocks, config, maintainers, now, reports } = context;

  /** Returns the operator who sends this request, or the response to send instead. */
  async function requireOperator(c: Context): Promise<{ login: string; signedIn: string | null } | Response> {
    c.header("Cache-Control", "no-store");
    const isLocalOwner = isLoopback(config.origin) && config.github.client === null;
    if (isLocalOwner) return { login: "local", signedIn: null };
    const session = currentSession(c, context);
    if (!session) return respondUnauthorized(c, context, "/operator");
    // The current login: another user can take one that was given up.
    const login = await maintainers.currentLogin(session);
    if (login === null) return respondUnauthorized(c, context, "/operator");
    if (typeof login !== "string") return respondProblem(c, login);
    if (config.operators.includes(login.toLowerCase())) return { login, signedIn: login };
    return respondError(c, 403, "This page is for operators", {
      message: `${login} is not an operator of this server.`,
      fix: "OPERATORS lists the GitHub logins of the operators.",
    });
  }

  const overview = () => {
    const open = reports.open();
    const byRepo = Map.groupBy(open, ({ repo }) => repo);
    return {
      through: open.at(-1)?.id ?? null,
      reported: [...byRepo].map(([repo, repoReports]) => ({
        repo,
        reports: repoReports.map(({ reason, text, at }) => ({
          reason: reasons.find(({ id }) => id === reason)?.name ?? reason,
          text,
          at: at.toISOString(),
        })),
      })),
      blocks: blocks.all().map((block) => ({ ...block, at: block.at.toISOString() })),
    };
  };
  const emptyInput = { name: "", reason: "" };
  const renderOverview = (c: Context, signedIn: string | null, input = emptyInput, problems: Note[] = []) =>
    respond(
      c,
      () => (problems.length > 0 ? { problems } : overview()),
      () => operatorPage({ assets, signedIn, ...overview(), input, problems }),
      problems.length > 0 ? 422 : 200,
    );
  const respondDone = (c: Context) => (wantsJson(c) ? c.json(overview()) : c.redirect("/operator", 303));

  return new Hono()
    .get("/operator", async (c) => {
      const operator = await requireOperator(c);
      return operator instanceof Response ? operator : renderOverview(c, operator.signedIn);
    })
    .post("/operator/blocks", limitBody, async (c) => {
      const operator = await requireOperator(c);
      if (operator instanceof Response) return operator;
      const fields = await parseBodyFields(c);
      const input = { name: String(fields.name ?? ""), reason: String(fields.reason ?? "").trim() };
      const name = parseBlockTarget(input.name);
      const problems = name.ok ? [] : name.problems;
      if (input.reason === "" || input.reason.length > maxReasonLength)
        problems.push(
          note(`Say why, in at most ${maxReasonLength} letters.`, {
            path: "reason",
            fix: "Everyone who opens the badge sees it.",
          }),
        );
      if (!name.ok || problems.length > 0) return renderOverview(c, operator.signedIn, input, problems);
      blocks.put({ name: name.value, reason: input.reason, by: operator.login, at: now() });
      reports.close(name.value);
      return respondDone(c);
    })
    .post("/operator/blocks/removal", limitBody, async (c) => {
      const operator = await requireOperator(c);
      if (operator instanceof Response) return operator;
      const name = parseBlockTarget(String((await parseBodyFields(c)).name ?? ""));
      if (!name.ok) return renderOverview(c, operator.signedIn, emptyInput, name.problems);
      blocks.remove(name.value);
      return respondDone(c);
    })
    .post("/operator/reports/closing", limitBody, async (c) => {
      const operator = await requireOperator(c);
      if (operator instanceof Response) return operator;
      const { repo = "", through } = await parseBodyFields(c);
      const last = Number(through);
      if (Number.isSafeInteger(last) && last > 0) reports.closeThrough(last);
      else reports.close(String(repo));
      return respondDone(c);
    });
};
