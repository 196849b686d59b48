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
      /** Nobody can lend access here. */
      unavailable?: boolean;
    };
  /** The same without us: what to type and where, what to read, the cloud's own console. */
  instructions?: ManualInstructions | null;
  /** What the app's maintainers tell about this cloud. */
  note?: string | null;
  plan: Plan;
  presets: { id: string; name: string; note: string }[];
  variables: VariableFieldProps[];
  /** Problems of the whole; those of one variable or access field stand with it. */
  problems: Note[];
  remarks: Remark[];
  /** So that a double submit is one deployment. */
  request: string;
  /** `github.com/o/r` */
  repo: string;
}

export const configurePage = (page: ConfigurePage) => {
  const { app, cloud } = page;
  // What is just as the manifest wants it is in the maintainers' report; here it would hide the rest.
  const remarks = page.remarks.filter(({ level }) => level !== "exact");
  const there = cloud.inSentence;
  const impossible = remarks.some(({ level }) => level === "missing");
  const wrong = formErrors(page);
  return layout({
    ...page,
    title: `${wrong.length > 0 ? "Please look again: " : ""}${app.name} on ${there}`,
    scripts: ["configure.js", "copy.js"],
    body: html`
${appHeader(app, html`${app.name} on ${there}`, html`<p class="lead">${impossible ? `It cannot run ${there === cloud.name ? "there" : "here"} as it is.` : todo(page)}</p>`)}
${wrong.length > 0 ? errorSummary(wrong, page) : ""}
${page.note ? html`<div class="box" data-kind="warn"><p dir="auto"><b>From its maintainers:</b> ${autolink(page.note)}</p></div>` : ""}
${impossible ? "" : planSection(page)}
${remarks.length > 0 ? html`<section aria-labelledby="remarks-title"><h2 id="remarks-title">Worth knowing about ${there}</h2>${remarkList(remarks)}</section>` : ""}
${impossible ? html`<p class="actions"><a class="loud" href="${safeUrl(page.path + page.query)}">Choose another cloud</a></p>` : cloud.unavailable ? html`<section aria-labelledby="access-title"><h2 id="access-title">Access to your account</h2><div class="box"><p>${autolink(cloud.explain)}</p></div></section>` : access(page, there)}
${impossible ? "" : instructionsSection(page)}`,
  });
};

function instructionsSection({ instructions, cloud }: ConfigurePage): Html | string {
  if (!instructions) return "";
  const { document, command, console, where } = instructions;
  const asks = command.includes("=...");
  return html`<section id="by-hand" aria-labelledby="hand-title">
<h2 id="hand-title">${cloud.unavailable ? "Run it yourself" : "Or run it yourself"}</h2>
<p>The same plan without giving anybody access. ${asks ? "You answer the questions there, not here." : ""}</p>
${console ? html`<p class="actions"><a ${cloud.unavailable ? html`class="loud"` : ""} href="${safeUrl(console.path)}">${console.label}</a></p>` : ""}
<p>${autolink(where)}${asks ? html`, with your answers in place of each <code>...</code>` : ""}:</p>
${snippet("the command", command)}
<p><a href="${safeUrl(document.path)}" download="${document.file}">${document.label}</a> <span class="quiet small">to read it, or to use it in another way</span></p>
</section>`;
}

/** Access by OAuth comes first: the way there and back takes no answers along. What was typed already stays, though. */
function access(page: ConfigurePage, there: string): Html {
  const { cloud, problems } = page;
  if (!cloud.consent) return form(page, there);
  const step = consentStep({ ...cloud, consent: cloud.consent });
  if (cloud.consent.account !== null) return html`${step}${form(page, there)}`;
  return problems.length > 0 ? form(page, there) : step;
}

const form = (
  page: ConfigurePage,
  there: string,
): Html => html`<form class="deploy" action="/deployments" method="post" novalidate>
${hidden(page)}
${questions(page.variables)}
${accessStep(page.cloud)}
<div class="go">
<button class="loud wide" type="submit">Deploy to ${there}</button>
<p class="quiet small">${page.cloud.billed ? "It starts at once, and from then on costs what is listed above." : "It starts at once."} You can stop it and take everything away again at any time.</p>
</div>
</form>`;

function todo({ variables, cloud }: ConfigurePage): string {
  if (cloud.unavailable) return "See the plan, and run it yourself.";
  const asked = variables.filter(({ variable }) => needsAnswer(variable)).length;
  const tasks = [
    "Check the plan",
    asked > 0 ? `answer ${plural(asked, "question")}` : "",
    cloud.fields.length > 0 && !cloud.consent?.account ? "lend us access for some minutes" : "",
  ];
  const said = tasks.filter((task) => task !== "");
  return `${said.length > 1 ? `${said.slice(0, -1).join(", ")} and ${said.at(-1)}` : `${said[0]}, then start`}.`;
}

function hidden({ repo, request, app, plan, query }: ConfigurePage): Html[] {
  const { path, commit } = app.source;
  // As it was asked for, not as it was understood: no ref stays no ref.
  const ref = new URLSearchParams(query).get("ref") ?? "";
  const values = { repo, ref, path, commit, cloud: plan.cloud, region: plan.region, preset: plan.preset, request };
  return Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">
`,
  );
}

function questions(answers: VariableFieldProps[]): Html | string {
  const all = answers.map((answer, index) => ({ answer, field: variableField(answer, `answer-${index}`) }));
  if (all.length === 0) return "";
  const asked = all.filter(({ answer }) => needsAnswer(answer.variable));
  const others = all.filter(({ answer }) => !needsAnswer(answer.variable));
  const wrong = others.some(({ answer }) => answer.problem !== null);
  return html`<section aria-labelledby="answers-title">
<h2 id="answers-title">Your answers</h2>
${asked.map(({ field }) => field)}
${
  others.length > 3
    ? html`<details class="fold" ${wrong ? "open" : ""}><summary>${asked.length === 0 ? "" : "Another "}${plural(others.length, "setting")}, all optional or filled in</summary>${others.map(({ field }) => field)}</details>`
    : others.map(({ field }) => field)
}
</section>`;
}
