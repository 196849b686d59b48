import type { App } from "../../src/app.ts";
import type { ManualInstructions } from "../../src/clouds/cloud.ts";
import type { Plan, Remark } from "../../src/plan.ts";
import type { Note } from "../../src/result.ts";
import { type AccessFormProps, accessStep, consentStep } from "../access/access-step.ts";
import { appHeader } from "../app-header.ts";
import { autolink } from "../autolink.ts";
import type { CloudSummary } from "../cloud.ts";
import { errorSummary, formErrors } from "../form-errors.ts";
import { plural } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { remarkList } from "../notes.ts";
import { safeUrl } from "../safe-url.ts";
import { snippet } from "../snippet.ts";
import { planSection } from "./plan-section.ts";
import { needsAnswer } from "./requirements.ts";
import { type VariableFieldProps, variableField } from "./variable-field.ts";

export interface ConfigurePage extends Page {
  app: App;
  path: string;
  query: string;
  cloud: AccessFormProps &
    CloudSummary & {
      regions: { id: string; name: string }[];
      /** This cloud cannot be connected here. */
      unavailable?: boolean;
    };
  /** How to run the plan without granting access. */
  instructions?: Omit<ManualInstructions, "script"> | null;
  /** A note from the maintainers. */
  note?: string | null;
  plan: Plan;
  presets: { id: string; name: string; note: string }[];
  variables: VariableFieldProps[];
  /** Problems of the form as a whole. Those of one variable or access field belong to that field. */
  problems: Note[];
  remarks: Remark[];
  /** Idempotency key: a double submit starts one deployment. */
  request: string;
  /** `github.com/o/r` */
  repo: string;
}

export const configurePage = (page: ConfigurePage) => {
  const { app, cloud } = page;
  // Exact matches would hide the differences. The manifest page lists them.
  const remarks = page.remarks.filter(({ level }) => level !== "exact");
  const place = cloud.inSentence;
  const cannotRun = remarks.some(({ level }) => level === "missing");
  const errors = formErrors(page);
  return layout({
    ...page,
    title: `${errors.length > 0 ? "Error: " : ""}${app.name} on ${place}`,
    scripts: ["configure.js", "copy.js"],
    body: html`
${appHeader(app, html`${app.name} on ${place}`, html`<p class="lead">${cannotRun ? `This app can't run on ${place} yet.` : nextSteps(page)}</p>`)}
${errors.length > 0 ? errorSummary(errors, page) : ""}
${page.note ? html`<div class="box" data-kind="warn"><p dir="auto"><b>From the maintainers:</b> ${autolink(page.note)}</p></div>` : ""}
${cannotRun ? "" : planSection(page)}
${remarks.length > 0 ? html`<section aria-labelledby="remarks-title"><h2 id="remarks-title">What's different on ${place}</h2>${remarkList(remarks)}</section>` : ""}
${cannotRun ? html`<p class="actions"><a class="loud" href="${safeUrl(page.path + page.query)}">Choose another cloud</a></p>` : cloud.unavailable ? html`<section aria-labelledby="access-title"><h2 id="access-title">Access to your account</h2><div class="box"><p>${autolink(cloud.explain)}</p></div></section>` : accessSection(page, place)}
${cannotRun ? "" : instructionsSection(page)}`,
  });
};

function instructionsSection({ instructions, cloud }: ConfigurePage): Html | string {
  if (!instructions) return "";
  const { document, command, console, where } = instructions;
  const hasQuestions = command.includes("=...");
  return html`<section id="by-hand" aria-labelledby="hand-title">
<h2 id="hand-title">${cloud.unavailable ? "Run it yourself" : "Or run it yourself"}</h2>
<p>Deploy the same plan without giving anyone access. ${hasQuestions ? "You fill in the settings there." : ""}</p>
${console ? html`<p class="actions"><a ${cloud.unavailable ? html`class="loud"` : ""} href="${safeUrl(console.path)}">${console.label}</a></p>` : ""}
<p>${autolink(where)}${hasQuestions ? html`. Replace each <code>...</code> with your value` : ""}:</p>
${snippet("the command", command)}
<p><a href="${safeUrl(document.path)}" download="${document.file}">${document.label}</a> <span class="quiet small">to read it or use it elsewhere</span></p>
</section>`;
}

/** OAuth comes before the form, because the redirect loses typed answers. A form with errors is shown anyway, so that they stay. */
function accessSection(page: ConfigurePage, place: string): Html {
  const { cloud, problems } = page;
  if (!cloud.consent) return deployForm(page, place);
  const step = consentStep({ ...cloud, consent: cloud.consent });
  if (cloud.consent.account !== null) return html`${step}${deployForm(page, place)}`;
  return problems.length > 0 ? deployForm(page, place) : step;
}

const deployForm = (
  page: ConfigurePage,
  place: string,
): Html => html`<form class="deploy" action="/deployments" method="post" novalidate>
${hiddenFields(page)}
${variableSection(page.variables)}
${accessStep(page.cloud)}
<div class="go">
<button class="loud wide" type="submit">Deploy to ${place}</button>
<p class="quiet small">${page.cloud.billed ? "Starts immediately and costs what is listed above." : "Starts immediately."} You can stop and remove it at any time.</p>
</div>
</form>`;

function nextSteps({ variables, cloud }: ConfigurePage): string {
  if (cloud.unavailable) return "Review the plan and run it yourself.";
  const questionCount = variables.filter(({ variable }) => needsAnswer(variable)).length;
  const tasks = [
    "Review the plan",
    questionCount > 0 ? `fill in ${plural(questionCount, "setting")}` : "",
    cloud.fields.length > 0 && !cloud.consent?.account ? "give temporary access" : "",
  ];
  const remaining = tasks.filter((task) => task !== "");
  return `${remaining.length > 1 ? `${remaining.slice(0, -1).join(", ")} and ${remaining.at(-1)}` : `${remaining[0]}, then deploy`}.`;
}

function hiddenFields({ repo, request, app, plan, query }: ConfigurePage): Html[] {
  const { path, commit } = app.source;
  // The ref of the URL, not the resolved one: no ref stays no ref.
  const ref = new URLSearchParams(query).get("ref") ?? "";
  const values = { repo, ref, path, commit, cloud: plan.cloud, region: plan.region, preset: plan.preset, request };
  return Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">
`,
  );
}

function variableSection(answers: VariableFieldProps[]): Html | string {
  const fields = answers.map((answer, index) => ({ answer, field: variableField(answer, `answer-${index}`) }));
  if (fields.length === 0) return "";
  const required = fields.filter(({ answer }) => needsAnswer(answer.variable));
  const optional = fields.filter(({ answer }) => !needsAnswer(answer.variable));
  const hasErrors = optional.some(({ answer }) => answer.problem !== null);
  return html`<section aria-labelledby="answers-title">
<h2 id="answers-title">Settings</h2>
${required.map(({ field }) => field)}
${
  optional.length > 3
    ? html`<details class="fold" ${hasErrors ? "open" : ""}><summary>${required.length === 0 ? plural(optional.length, "setting") : plural(optional.length, "more setting")} (defaults are fine)</summary>${optional.map(({ field }) => field)}</details>`
    : optional.map(({ field }) => field)
}
</section>`;
}
