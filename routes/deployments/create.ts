import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import { checkAddress, parseAddress } from "../../src/address.ts";
import type { Access } from "../../src/clouds/cloud.ts";
import { validateAnswers as answerVariables } from "../../src/deployments/answers.ts";
import { offer } from "../../src/prices/offers.ts";
import type { Address } from "../../src/repo.ts";
import type { Inspection } from "../../src/repositories/inspect.ts";
import { type Note, note } from "../../src/result.ts";
import { accessInput } from "../access/access-form.ts";
import type { AppContext } from "../app-context.ts";
import { respondError, respondProblem, wantsJson } from "../http/respond.ts";
import { limitBody } from "../http/security.ts";
import { parseChoice, presetOptions, renderForm } from "../repositories/configure.ts";
import { instructionsFor } from "../repositories/instructions.ts";
import { type LoadedRepository, pagePath, requireApp } from "../repositories/load-repository.ts";
import { respondNotOffered } from "../repositories/not-offered.ts";
import type { CreateRequest } from "./create-body.ts";
import { ownerKey, rememberOwner } from "./owner-cookie.ts";

/** Orders: what the form sends when the button is pressed. */
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
    // Loaded with its schemas when the first order comes, not at start.
    const { parseCreateBody: readOrder } = await import("./create-body.ts");
    const order = await readOrder(c);
    if (!order.ok) return unusable(c, order.problems);
    const started = await start(c, context, order.value);
    if (started instanceof Response) return started;
    const url = `/deployments/${started.id}`;
    if (!wantsJson(c)) rememberOwner(c, context, started.id);
    return wantsJson(c)
      ? c.json({ id: started.id, url: `${context.config.origin}${url}`, key: ownerKey(context, started.id) }, 201, {
          Location: url,
        })
      : c.redirect(url, 303);
  });
  return app;
};

const unusable = (c: Context, problems: Note[]) => {
  const [first] = problems;
  if (wantsJson(c) || !first) return c.json({ problems }, 422);
  return respondError(c, 422, "This can't be deployed yet", first);
};

async function start(c: Context, context: AppContext, order: CreateRequest): Promise<{ id: string } | Response> {
  const { clouds, inspect, deployments, random } = context;
  const pasted = parseAddress(order.repo);
  if (!pasted.ok) return unusable(c, pasted.problems);
  const cloud = clouds.find(({ id }) => id === order.cloud);
  if (!cloud) return unusable(c, [noSuch("cloud", "cloud", order.cloud, clouds)]);
  const { rest: _, ...bare } = pasted.value;
  const { host, owner, repo } = bare;
  const checked = checkAddress(host, owner, repo, order.ref || bare.ref, order.path || bare.path);
  if (!checked.ok) return unusable(c, checked.problems);
  const address: Address = { ...bare, ...checked.value };
  const look = await lookAsReviewed(inspect, address, order.commit);
  if (!look.ok) return respondProblem(c, look.trouble);
  const found: LoadedRepository = { ...look, address, ...pagePath(address) };
  const read = await requireApp(c, found);
  if (read instanceof Response) return read;
  const app = {
    ...read,
    variables: cloud.variables(read),
    source: { ...read.source, ref: address.ref ?? read.source.ref },
  };

  const closed = respondNotOffered(c, found, app, cloud);
  if (closed) return closed;
  const choice = parseChoice(cloud, order, found.settings.preset);
  const given = Object.fromEntries(Object.entries(order.env).map(([name, value]) => [name, String(value)]));
  const problems: Note[] = [];
  if (order.commit && look.snapshot.commit !== order.commit)
    problems.push(
      note("The repository has changed since this page was opened.", {
        fix: "Review it again, then deploy.",
      }),
    );
  const answered = answerVariables(app.variables, given, random);
  if (!answered.ok) problems.push(...answered.problems);
  const access = cloud.connect.parse(accessInput(c, context, cloud, order.access));
  if (!access.ok) problems.push(...access.problems);
  const { plan, remarks } = offer(cloud, app, choice);
  problems.push(...remarks.filter(({ level }) => level === "missing").map(({ level: __, ...rest }) => rest));
  if (order.region && order.region !== choice.region)
    problems.push(noSuch("region", `region of ${cloud.name}`, order.region, cloud.regions));
  if (order.preset && order.preset !== choice.preset)
    problems.push(noSuch("preset", "preset", order.preset, presetOptions));
  if (problems.length === 0 && access.ok) problems.push(...(await cloud.preflight(plan, access.value)));

  if (problems.length === 0 && answered.ok && access.ok) {
    const request = requestOf(order, access.value, random);
    return deployments.start({ request, app, plan, env: answered.value, access: access.value });
  }
  if (wantsJson(c)) return c.json({ problems }, 422);
  const request = order.request || Buffer.from(random(16)).toString("base64url");
  const instructions = await instructionsFor(cloud, found, app, plan);
  const typed = { app, cloud, choice, given, lent: order.access, problems, request, instructions };
  return c.html(await renderForm(c, context, found, typed), 422);
}

/** What was reviewed is what is deployed, though the branch may have moved on since. */
async function lookAsReviewed(inspect: AppContext["inspect"], address: Address, commit: string): Promise<Inspection> {
  const look = await inspect(address);
  if (commit === "" || address.host === "local" || (look.ok && look.snapshot.commit === commit)) return look;
  return inspect({ ...address, ref: commit, branchHint: address.ref });
}

/** The same order twice is one deployment; going back and ordering something else is another, and so is another visitor's. */
const requestOf = (order: CreateRequest, access: Access, random: AppContext["random"]) =>
  createHash("sha256")
    .update(JSON.stringify(order.request ? [order, access] : [...random(16)]))
    .digest("hex");

const noSuch = (path: string, what: string, name: string, known: { id: string }[]) =>
  note(`There is no ${what} called ${name.slice(0, 40)} here.`, {
    path,
    fix: `Choose one of: ${known.map(({ id }) => id).join(", ")}.`,
  });
