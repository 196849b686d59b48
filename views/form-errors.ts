import type { Note } from "../src/result.ts";
import type { AccessField } from "./access/access-step.ts";
import { plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { noteBody } from "./notes.ts";
import type { VariableFieldProps } from "./repositories/variable-field.ts";

interface Answered {
  variables: VariableFieldProps[];
  cloud: { fields: AccessField[] };
  problems: Note[];
}

/** Everything that is wrong with a form, each said once: what is about the whole first, then each field with a link to it. */
export function formErrors({ variables, cloud, problems }: Answered): Html[] {
  const fields = [
    ...variables.map(({ variable, problem }, index) => ({ id: `answer-${index}`, name: variable.name, problem })),
    ...cloud.fields.map(({ label, problem }, index) => ({ id: `access-${index}`, name: label, problem })),
  ];
  const said = new Set(fields.map(({ problem }) => problem));
  const whole = problems.filter(({ message }) => !said.has(message));
  return [...whole.map((problem) => noteBody({ ...problem, path: "" }, "")), ...fields.flatMap(toField)];
}

function toField({ id, name, problem }: { id: string; name: string; problem: string | null }): Html[] {
  if (problem === null) return [];
  // A sentence that has the name in it already need not have it twice.
  if (problem.includes(name)) return [html`<a href="#${id}">${problem}</a>`];
  return [html`<a href="#${id}">${name}</a>: ${problem}`];
}

/** Takes the focus, so that a screen reader begins here. */
export const errorSummary = (
  wrong: Html[],
  { variables }: Answered,
) => html`<div class="box" data-kind="bad" role="alert" tabindex="-1" autofocus aria-labelledby="summary-title">
<h2 id="summary-title">${plural(wrong.length, "thing")} to look at again</h2>
<ul class="mistakes">${wrong.map((mistake) => html`<li>${mistake}</li>`)}</ul>
<p>Nothing has been created. Your answers are still there${variables.some(hidden) ? ", but secrets have to be typed again" : ""}.</p>
</div>`;

const hidden = ({ variable, value }: VariableFieldProps) =>
  variable.secret && variable.generator === null && value === "";
