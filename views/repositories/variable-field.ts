import type { Variable } from "../../src/app.ts";
import { autolink } from "../autolink.ts";
import { plural } from "../format.ts";
import { type Html, html } from "../html.ts";

export interface VariableFieldProps {
  variable: Variable;
  /** The default, the value prefilled by the URL, or the previous answer. */
  value: string;
  problem: string | null;
}

/** The form field of one variable. `id` must be unique on the page: the ids of hints and errors derive from it. */
export function variableField({ variable, value, problem }: VariableFieldProps, id: string): Html {
  const name = `env[${variable.name}]`;
  const hint = variable.description !== "" || variable.generator !== null;
  const describedBy = [hint ? `${id}-hint` : "", problem ? `${id}-problem` : ""]
    .filter((part) => part !== "")
    .join(" ");
  const hints = html`${hint ? hintText(variable, id) : ""}${problem ? html`<p class="field-problem" id="${id}-problem">${problem}</p>` : ""}`;
  if (variable.type === "boolean" && variable.options === null)
    return booleanField(variable, value, name, id, describedBy, hints, problem);
  const common = html`id="${id}" name="${name}" ${variable.required && variable.generator === null ? "required" : ""} ${describedBy ? html`aria-describedby="${describedBy}"` : ""} ${problem ? html`aria-invalid="true"` : ""}`;
  return html`<div class="field">
<label for="${id}"><code class="variable">${variable.name}</code> ${requirementLabel(variable)}</label>
${hints}
${variable.options ? select(variable, variable.options, value, common) : input(variable, value, common)}
</div>`;
}

function requirementLabel({ required, generator }: Variable): Html {
  if (generator) return html`<span class="need">generated for you</span>`;
  return html`<span class="need">${required ? "required" : "optional"}</span>`;
}

const hintText = ({ description, generator }: Variable, id: string) => html`<div class="hint" id="${id}-hint">
${description ? html`<p dir="auto">${autolink(description)}</p>` : ""}
${generator ? html`<p>Leave empty to generate ${generator.kind === "uuid" ? "a UUID" : plural(generator.length, "random character")}.</p>` : ""}
</div>`;

function select(variable: Variable, options: string[], value: string, common: Html): Html {
  const isOption = options.includes(value);
  return html`<select ${common}>
${variable.required && isOption ? "" : html`<option value="" ${isOption ? "" : "selected"}>${variable.required ? "Select an option" : "Not set"}</option>`}
${options.map((option) => html`<option value="${option}" ${option === value ? "selected" : ""}>${option}</option>`)}
</select>`;
}

const inputTypes: Partial<Record<Variable["type"], { type: string; mode: string }>> = {
  number: { type: "text", mode: "decimal" },
  url: { type: "url", mode: "url" },
  email: { type: "email", mode: "email" },
};

function input(variable: Variable, value: string, common: Html): Html {
  const placeholderText = variable.generator ? "generated" : (variable.placeholder ?? "");
  const placeholder = placeholderText ? html`placeholder="${placeholderText}"` : "";
  // HTML drops the first line break after <textarea>, so the template adds one.
  if (variable.type === "multiline" || value.includes("\n"))
    return html`<textarea ${common} ${placeholder} rows="6" autocomplete="off" spellcheck="false">
${value}</textarea>`;
  if (variable.secret)
    return html`<input type="password" ${common} ${placeholder} value="${value}" autocomplete="off" spellcheck="false">`;
  const { type, mode } = inputTypes[variable.type] ?? { type: "text", mode: "text" };
  return html`<input type="${type}" inputmode="${mode}" ${common} ${placeholder} value="${value}" autocomplete="${type === "email" ? "email" : "off"}" autocapitalize="none" spellcheck="false">`;
}

/** Radio buttons: a form sends nothing for an unchecked checkbox, so "no" would look like no answer. */
function booleanField(
  variable: Variable,
  value: string,
  name: string,
  id: string,
  describedBy: string,
  hints: Html,
  problem: string | null,
): Html {
  const [yes, no] = booleanSpelling(variable.default ?? value);
  const radio = (optionValue: string, label: string, index: number) => {
    const radioId = index === 0 ? id : `${id}-${index}`;
    return html`<label class="radio" for="${radioId}"><input type="radio" id="${radioId}" name="${name}" value="${optionValue}" ${value === optionValue ? "checked" : ""} ${problem ? html`aria-invalid="true"` : ""}> ${label}</label>`;
  };
  return html`<fieldset class="field" ${describedBy ? html`aria-describedby="${describedBy}"` : ""}>
<legend><code class="variable">${variable.name}</code> ${requirementLabel(variable)}</legend>
${hints}
<div class="radios">${radio(yes, "Yes", 0)}${radio(no, "No", 1)}${variable.required ? "" : radio("", "Not set", 2)}</div>
</fieldset>`;
}

const booleanSpellings = [
  ["true", "false"],
  ["True", "False"],
  ["TRUE", "FALSE"],
  ["1", "0"],
  ["yes", "no"],
  ["on", "off"],
] as const;

/** Returns the pair of values the app uses for booleans: an app that reads "1" would not understand "true". */
const booleanSpelling = (example: string) =>
  booleanSpellings.find(([yes, no]) => example === yes || example === no) ?? booleanSpellings[0];
