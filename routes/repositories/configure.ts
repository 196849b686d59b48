import { type Context, Hono } from "hono";
import { repositoryId } from "../../src/address.ts";
import type { App, Variable } from "../../src/app.ts";
import type { Cloud, ManualInstructions } from "../../src/clouds/cloud.ts";
import { type Choice, defaultPreset, type Preset, presets } from "../../src/plan.ts";
import { offer } from "../../src/prices/offers.ts";
import type { Note } from "../../src/result.ts";
import { noteFor } from "../../src/settings.ts";
import { configurePage } from "../../views/repositories/configure.ts";
import { accessForm } from "../access/access-form.ts";
import type { AppContext } from "../app-context.ts";
import { cloudSummary } from "../cloud-summary.ts";
import { assets } from "../http/assets.ts";
import { respondForCloud } from "../http/cloud-response.ts";
import { respond } from "../http/respond.ts";
import { requestInfo } from "../stats/request-info.ts";
import { instructionsFor, planLocation } from "./instructions.ts";
import { type LoadedRepository, loadRepository, requireApp } from "./load-repository.ts";
import { respondNotOffered } from "./not-offered.ts";

const presetLabels: Record<Preset, { name: string; note: string }> = {
  economy: { name: "Economy", note: "cheapest, for trying it" },
  standard: { name: "Standard", note: "everyday use" },
  production: { name: "Production", note: "highly available, protected against deletion" },
};
export const presetOptions = presets.map((id) => ({ id, ...presetLabels[id] }));

/** What the visitor chose, as far as there is such a choice; the cloud's first region and the usual preset otherwise. */
export function parseChoice(
  cloud: Cloud,
  wish: { region?: unknown; preset?: unknown },
  usual: Preset = defaultPreset,
): Choice {
  const region = cloud.regions.find(({ id }) => id === wish.region) ?? cloud.regions[0];
  const preset = presetOptions.find(({ id }) => id === wish.preset);
  return { region: region?.id ?? "", preset: preset?.id ?? usual };
}

interface Form {
  app: App;
  cloud: Cloud;
  choice: Choice;
  given: Record<string, string>;
  /** What was typed about access; what is secret is asked for again. */
  lent?: Record<string, unknown>;
  problems: Note[];
  request: string;
  instructions: ManualInstructions | null;
}

/** The form, fresh or with what was wrong with it; answers are kept, secrets are asked for again. */
export async function renderForm(
  c: Context,
  needs: Pick<AppContext, "seal" | "now" | "config">,
  { path, query, settings }: Pick<LoadedRepository, "path" | "query" | "settings">,
  { app, cloud, choice, given, lent = {}, problems, request, instructions }: Form,
) {
  const { plan, remarks } = offer(cloud, app, choice);
  // A choice between the same three plans is none.
  const plans = presetOptions.map(({ id }) => JSON.stringify(cloud.compile(app, { ...choice, preset: id }).lines));
  const chosen = new URLSearchParams([
    ...new URLSearchParams(query),
    ...Object.entries(choice),
    ...asked(given, cloud.variables(app)),
  ]);
  const to = `${path}/${cloud.id}?${chosen}`;
  const lender = await accessForm(c, needs, cloud, { lent, problems, to, plan });
  const about = (path: string) => problems.find((problem) => problem.path === path)?.message ?? null;
  return configurePage({
    assets,
    app,
    path,
    query,
    repo: `${app.source.host}/${app.source.owner}/${app.source.repo}`,
    cloud: { ...cloudSummary(cloud), regions: cloud.regions, ...lender },
    instructions,
    note: noteFor(settings, cloud.id),
    plan,
    presets: new Set(plans).size > 1 ? presetOptions : presetOptions.filter(({ id }) => id === choice.preset),
    variables: cloud.variables(app).map((variable) => ({
      variable,
      value: shown(variable, Object.hasOwn(given, variable.name) ? given[variable.name] : undefined),
      problem: about(`env.${variable.name}`),
    })),
    problems,
    remarks,
    request,
  });
}

/** Letters of answers that an address may carry along. */
const most = 1000;

/** What was answered and is no secret goes along to where access is lent, and comes back. */
function asked(given: Record<string, string>, variables: Variable[]): [string, string][] {
  let letters = 0;
  return variables.flatMap(({ name, secret }) => {
    const value = secret ? undefined : given[name];
    if (value === undefined) return [];
    letters += encodeURIComponent(name + value).length + 10;
    return letters > most ? [] : [[`env[${name}]`, value] as [string, string]];
  });
}

const shown = (variable: Variable, given: string | undefined) =>
  variable.secret ? "" : (given ?? variable.default ?? "");

/** `access[project]=...`: what was just made to be chosen here. */
function chosenOf(c: Context): Record<string, string> {
  const inside = Object.entries(c.req.query()).flatMap(([key, value]) => {
    const name = key.match(/^access\[(\w+)\]$/)?.[1];
    return name && name !== "token" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(inside);
}

/** `env[KEY]=value` in a link pre-fills what is not secret: a secret in a URL would be in everybody's logs. */
export function prefilled(variables: Variable[], query: Record<string, string>): Record<string, string> {
  const given = variables.flatMap(({ name, secret }) => {
    const value = secret ? undefined : query[`env[${name}]`];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

export const configureRoutes = (context: AppContext) => {
  const { clouds, config, inspect, random, visits } = context;
  async function chosen(c: Context<object, "/:host/:owner/:repo/:cloud">) {
    const cloud = clouds.find(({ id }) => id === c.req.param("cloud"));
    if (!cloud) return null;
    const found = await loadRepository(c, inspect);
    if (found instanceof Response) return found;
    const app = await requireApp(c, found);
    if (app instanceof Response) return app;
    const choice = parseChoice(cloud, c.req.query(), found.settings.preset);
    return respondNotOffered(c, found, app, cloud) ?? { cloud, app, found, choice };
  }
  return new Hono()
    .get("/:host/:owner/:repo/:cloud", async (c, next) => {
      const picked = await chosen(c);
      if (picked === null) return next();
      if (picked instanceof Response) return picked;
      const { app, cloud, choice, found } = picked;
      const { plan, remarks } = offer(cloud, app, choice);
      const { stack: _, steps: __, ...priced } = plan;
      const given = prefilled(cloud.variables(app), c.req.query());
      const request = Buffer.from(random(16)).toString("base64url");
      const instructions = await instructionsFor(cloud, found, app, plan);
      c.header("Cache-Control", "no-store");
      return respond(
        c,
        () => ({ app, plan: priced, remarks, note: noteFor(found.settings, cloud.id) }),
        () => {
          // Whoever comes from a page of ours was counted there; a badge for one cloud leads here at once.
          if (!c.req.header("referer")?.startsWith(`${config.origin}/`))
            visits.visit(repositoryId(found.snapshot.address), requestInfo(c));
          return renderForm(c, context, found, {
            app,
            cloud,
            choice,
            given,
            lent: chosenOf(c),
            problems: [],
            request,
            instructions,
          });
        },
      );
    })
    .get("/:host/:owner/:repo/:cloud/stack", async (c, next) => {
      const picked = await chosen(c);
      if (picked === null) return next();
      if (picked instanceof Response) return picked;
      // What is public anyway; a folder of this machine is for nobody else's page.
      if (picked.found.address.host !== "local") c.header("Access-Control-Allow-Origin", "*");
      return c.json(picked.cloud.compile(picked.app, picked.choice).stack as object);
    })
    .get("/:host/:owner/:repo/:cloud/:export", async (c, next) => {
      const route = clouds
        .find(({ id }) => id === c.req.param("cloud"))
        ?.exports?.find(({ path }) => path === c.req.param("export"));
      const picked = route ? await chosen(c) : null;
      if (!route || picked === null) return next();
      if (picked instanceof Response) return picked;
      const { app, choice, cloud, found } = picked;
      const plan = cloud.compile(app, choice);
      if (found.address.host !== "local") c.header("Access-Control-Allow-Origin", "*");
      return respondForCloud(c, cloud, route.handle(app, plan, planLocation(cloud, found, plan)));
    });
};
