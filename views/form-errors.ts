import type { Note } from "../src/result.ts";
import type { AccessField } from "./access/access-step.ts";
import { plural } from "./format.ts";
import { type Html, html } from "./html.ts";
import { noteBody } from "./notes.ts";
import type { VariableFieldProps } from "./repositories/variable-field.ts";

interface SubmittedForm {
  variables: VariableFieldProps[];
  cloud: { fields: AccessField[] };
  problems: Note[];
}

/** Lists every error of a form once: errors of the whole form first, then those of each field with a link to it. */
export function formErrors({ variables, cloud, problems }: SubmittedForm): Html[] {
  const fields = [
    ...variables.map(({ variable, problem }, index) => ({ id: `answer-${index}`, name: variable.name, problem })),
    ...cloud.fields.map(({ label, problem }, index) => ({ id: `access-${index}`, name: label, problem })),
  ];
  const fieldMessages = new Set(fields.map(({ problem }) => problem));
  const formProblems = problems.filter(({ message }) => !fieldMessages.has(message));
  return [...formProblems.map((problem) => noteBody({ ...problem, path: "" }, "")), ...fields.flatMap(fieldError)];
}

function fieldError({ id, name, problem }: { id: string; name: string; problem: string | null }): Html[] {
  if (problem === null) return [];
  // Some messages name the field already.
  if (problem.includes(name)) return [html`<a href="#${id}">${problem}</a>`];
  return [html`<a href="#${id}">${name}</a>: ${problem}`];
}

/** The error summary. It takes the focus, so that screen readers start with it. */
export const errorSummary = (
  errors: Html[],
  { variables }: SubmittedForm,
) => html`<div class="box" data-kind="bad" role="alert" tabindex="-1" autofocus aria-labelledby="summary-title">
<h2 id="summary-title">${plural(errors.length, "problem")} to fix</h2>
<ul class="mistakes">${errors.map((error) => html`<li>${error}</li>`)}</ul>
<p>Nothing was created. Your answers are kept${variables.some(isLostSecret) ? "; please re-enter secrets" : ""}.</p>
</div>`;

// Secrets are never rendered back into the form.
const isLostSecret = ({ variable, value }: VariableFieldProps) =>
  variable.secret && variable.generator === null && value === "";
