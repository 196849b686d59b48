import type { Context } from "hono";
import type { App, Variable } from "../../src/app.ts";
import type { Cloud, ManualInstructions } from "../../src/clouds/cloud.ts";
import type { Choice } from "../../src/plan.ts";
import { offer } from "../../src/prices/offers.ts";
import type { Note } from "../../src/result.ts";
import { noteFor, presetOptions } from "../../src/settings.ts";
import { configurePage } from "../../views/repositories/configure.ts";
import { accessForm } from "../access/access-form.ts";
import type { AppContext } from "../app-context.ts";
import { cloudSummary } from "../cloud-summary.ts";
import { assets } from "../http/assets.ts";
import { answersForUrl } from "./choice.ts";
import type { LoadedRepository } from "./load-repository.ts";

interface ConfigureForm {
  app: App;
  cloud: Cloud;
  choice: Choice;
  answers: Record<string, string>;
  /** The access fields as typed; secrets are not shown again. */
  access: Record<string, unknown>;
  problems: Note[];
  request: string;
  instructions: ManualInstructions | null;
}

/** Renders the configure page, with the submitted answers and problems if there are any. */
export async function renderConfigureForm(
  c: Context,
  needs: Pick<AppContext, "seal" | "now" | "config">,
  { path, query, settings }: Pick<LoadedRepository, "path" | "query" | "settings">,
  { app, cloud, choice, answers, access, problems, request, instructions }: ConfigureForm,
) {
  const { plan, remarks } = offer(cloud, app, choice);
  const variables = cloud.variables(app);
  const returnQuery = new URLSearchParams([
    ...new URLSearchParams(query),
    ...Object.entries(choice),
    ...answersForUrl(answers, variables),
  ]);
  const returnPath = `${path}/${cloud.id}?${returnQuery}`;
  const accessStep = await accessForm(c, needs, cloud, { input: access, problems, returnPath, plan });
  const problemAt = (path: string) => problems.find((problem) => problem.path === path)?.message ?? null;
  return configurePage({
    assets,
    app,
    path,
    query,
    repo: `${app.source.host}/${app.source.owner}/${app.source.repo}`,
    cloud: { ...cloudSummary(cloud), regions: cloud.regions, ...accessStep },
    instructions,
    note: noteFor(settings, cloud.id),
    plan,
    presets: offeredPresets(cloud, app, choice),
    variables: variables.map((variable) => ({
      variable,
      value: displayedValue(variable, Object.hasOwn(answers, variable.name) ? answers[variable.name] : undefined),
      problem: problemAt(`env.${variable.name}`),
    })),
    problems,
    remarks,
    request,
  });
}

/** Returns only the current preset where all of them create the same resources. */
function offeredPresets(cloud: Cloud, app: App, choice: Choice) {
  const plans = presetOptions.map(({ id }) => JSON.stringify(cloud.compile(app, { ...choice, preset: id }).lines));
  return presetOptions.filter(({ id }) => new Set(plans).size > 1 || id === choice.preset);
}

const displayedValue = (variable: Variable, answer: string | undefined) =>
  variable.secret ? "" : (answer ?? variable.default ?? "");
