import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import { checkAddress, parseAddress } from "../../src/address.ts";
import type { Access } from "../../src/clouds/cloud.ts";
import { validateAnswers } from "../../src/deployments/answers.ts";
import { presets } from "../../src/plan.ts";
import { offer } from "../../src/prices/offers.ts";
import type { Address } from "../../src/repo.ts";
import type { Inspection } from "../../src/repositories/inspect.ts";
import { type Note, note } from "../../src/result.ts";
import { accessInput } from "../access/access-form.ts";
import type { AppContext } from "../app-context.ts";
import { respondError, respondProblem, wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import { parseChoice } from "../repositories/choice.ts";
import { renderConfigureForm } from "../repositories/configure-form.ts";
import { instructionsFor } from "../repositories/instructions.ts";
import { type LoadedRepository, pagePath, requireApp } from "../repositories/load-repository.ts";
import { respondNotOffered } from "../repositories/not-offered.ts";
import type { CreateRequest } from "./create-body.ts";
import { ownerKey, rememberOwner } from "./owner-cookie.ts";

/** Starts a deployment when the configure form or a JSON request is posted. */
export const createDeploymentRoutes = (context: AppContext) => {
  const app = new Hono();
  app.get("/deployments", (c) => {
    c.header("Allow", "POST");
    return respondError(c, 405, "No list of deployments", {
      message: "This URL accepts the form of an app and doesn't list deployments.",
      fix: "Choose an app on the home page. A deployment that you started is at the link you were shown.",
    });
  });
  app.post("/deployments", limitBody, async (c) => {
    // Loads the body's schemas on the first request: start-up stays fast.
    const { parseCreateBody } = await import("./create-body.ts");
    const body = await parseCreateBody(c);
    if (!body.ok) return respondUnprocessable(c, body.problems);
    const deployment = await start(c, context, body.value);
    if (deployment instanceof Response) return deployment;
    const url = `/deployments/${deployment.id}`;
    if (wantsJson(c)) {
      const key = ownerKey(context, deployment.id);
      return c.json({ id: deployment.id, url: `${context.config.origin}${url}`, key }, 201, { Location: url });
    }
    rememberOwner(c, context, deployment.id);
    return c.redirect(url, 303);
  });
  return app;
};

const respondUnprocessable = (c: Context, problems: Note[]) => {
  const [first] = problems;
  if (wantsJson(c) || !first) return c.json({ problems }, 422);
  return respondError(c, 422, "This can't be deployed yet", first);
};

async function start(c: Context, context: AppContext, body: CreateRequest): Promise<{ id: string } | Response> {
  const { clouds, inspect, deployments, random } = context;
  const parsedAddress = parseAddress(body.repo);
  if (!parsedAddress.ok) return respondUnprocessable(c, parsedAddress.problems);
  const cloud = clouds.find(({ id }) => id === body.cloud);
  if (!cloud) return respondUnprocessable(c, [unknownChoice("cloud", "cloud", body.cloud, idsOf(clouds))]);
  const { rest: _, ...repositoryAddress } = parsedAddress.value;
  const { host, owner, repo, ref, path } = repositoryAddress;
  const checked = checkAddress(host, owner, repo, body.ref || ref, body.path || path);
  if (!checked.ok) return respondUnprocessable(c, checked.problems);
  const address: Address = { ...repositoryAddress, ...checked.value };
  const inspection = await inspectReviewed(inspect, address, body.commit);
  if (!inspection.ok) return respondProblem(c, inspection.trouble);
  const repository: LoadedRepository = { ...inspection, address, ...pagePath(address) };
  const manifestApp = await requireApp(c, repository);
  if (manifestApp instanceof Response) return manifestApp;
  const app = {
    ...manifestApp,
    variables: cloud.variables(manifestApp),
    source: { ...manifestApp.source, ref: address.ref ?? manifestApp.source.ref },
  };

  const notOffered = respondNotOffered(c, repository, app, cloud);
  if (notOffered) return notOffered;
  const choice = parseChoice(cloud, body, repository.settings.preset);
  const answers = Object.fromEntries(Object.entries(body.env).map(([name, value]) => [name, String(value)]));
  const problems: Note[] = [];
  if (body.commit && inspection.snapshot.commit !== body.commit)
    problems.push(
      note("The repository has changed since this page was opened.", {
        fix: "Review it again, then deploy.",
      }),
    );
  const env = validateAnswers(app.variables, answers, random);
  if (!env.ok) problems.push(...env.problems);
  const access = cloud.connect.parse(accessInput(c, context, cloud, body.access));
  if (!access.ok) problems.push(...access.problems);
  const { plan, remarks, isDeployable } = offer(cloud, app, choice);
  problems.push(...remarks.filter(({ level }) => level === "missing").map(({ level: __, ...problem }) => problem));
  if (body.region && body.region !== choice.region)
    problems.push(unknownChoice("region", `region of ${cloud.name}`, body.region, idsOf(cloud.regions)));
  if (body.preset && body.preset !== choice.preset)
    problems.push(unknownChoice("preset", "preset", body.preset, presets));
  if (problems.length === 0 && access.ok) problems.push(...(await cloud.preflight(plan, access.value)));

  if (problems.length === 0 && env.ok && access.ok) {
    const request = idempotencyKey(body, access.value, random);
    return deployments.start({ request, app, plan, env: env.value, access: access.value });
  }
  if (wantsJson(c)) return c.json({ problems }, 422);
  const request = body.request || Buffer.from(random(16)).toString("base64url");
  const instructions = isDeployable ? await instructionsFor(cloud, repository, app, plan) : null;
  const form = { app, cloud, choice, answers, access: body.access, problems, request, instructions };
  return c.html(await renderConfigureForm(c, context, repository, form), 422);
}

/** Inspects the commit that the visitor reviewed, even if the branch has moved on since. */
async function inspectReviewed(inspect: AppContext["inspect"], address: Address, commit: string): Promise<Inspection> {
  const inspection = await inspect(address);
  const isReviewed = inspection.ok && inspection.snapshot.commit === commit;
  if (commit === "" || address.host === "local" || isReviewed) return inspection;
  return inspect({ ...address, ref: commit, branchHint: address.ref });
}

/** Returns the same key for a form that is submitted twice, and another one for other input or another visitor. */
const idempotencyKey = (body: CreateRequest, access: Access, random: AppContext["random"]) =>
  createHash("sha256")
    .update(JSON.stringify(body.request ? [body, access] : [...random(16)]))
    .digest("hex");

const idsOf = (options: { id: string }[]) => options.map(({ id }) => id);

const unknownChoice = (path: string, noun: string, name: string, ids: readonly string[]) =>
  note(`There is no ${noun} called ${name.slice(0, 40)} here.`, { path, fix: `Choose one of: ${ids.join(", ")}.` });
