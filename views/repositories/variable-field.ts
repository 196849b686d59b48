import type { Variable } from "../../src/app.ts";
import { autolink } from "../autolink.ts";
import { plural } from "../format.ts";
import { type Html, html } from "../html.ts";

export interface VariableFieldProps {
  variable: Variable;
  /** What stands in the field: the default, what the URL pre-fills, or what was answered before. */
  value: string;
  problem: string | null;
}

/** One question of the form. `id` is unique on the page; everything that explains the field hangs on it. */
export function variableField({ variable, value, problem }: VariableFieldProps, id: string): Html {
  const name = `env[${variable.name}]`;
  const hint = variable.description !== "" || variable.generator !== null;
  const describedBy = [hint ? `${id}-hint` : "", problem ? `${id}-problem` : ""]
    .filter((part) => part !== "")
    .join(" ");
  const told = html`${hint ? hintText(variable, id) : ""}${problem ? html`<p class="field-problem" id="${id}-problem">${problem}</p>` : ""}`;
  if (variable.type === "boolean" && variable.options === null)
    return choice(variable, value, name, id, describedBy, told, problem);
  const common = html`id="${id}" name="${name}" ${variable.required && variable.generator === null ? "required" : ""} ${describedBy ? html`aria-describedby="${describedBy}"` : ""} ${problem ? html`aria-invalid="true"` : ""}`;
  return html`<div class="field">
<label for="${id}"><code class="variable">${variable.name}</code> ${need(variable)}</label>
${told}
${variable.options ? select(variable, variable.options, value, common) : input(variable, value, common)}
</div>`;
}

function need({ required, generator }: Variable): Html {
  if (generator) return html`<span class="need">generated for you</span>`;
  return html`<span class="need">${required ? "required" : "optional"}</span>`;
}

const hintText = ({ description, generator }: Variable, id: string) => html`<div class="hint" id="${id}-hint">
${description ? html`<p dir="auto">${autolink(description)}</p>` : ""}
${generator ? html`<p>Leave it empty, and we make up ${generator.kind === "uuid" ? "a UUID" : plural(generator.length, "random character")}. Or write your own.</p>` : ""}
</div>`;

function select(variable: Variable, options: string[], value: string, common: Html): Html {
  const known = options.includes(value);
  return html`<select ${common}>
${variable.required && known ? "" : html`<option value="" ${known ? "" : "selected"}>${variable.required ? "Choose one" : "Leave it unset"}</option>`}
${options.map((option) => html`<option value="${option}" ${option === value ? "selected" : ""}>${option}</option>`)}
</select>`;
}

const keyboard: Partial<Record<Variable["type"], { type: string; mode: string }>> = {
  number: { type: "text", mode: "decimal" },
  url: { type: "url", mode: "url" },
  email: { type: "email", mode: "email" },
};

function input(variable: Variable, value: string, common: Html): Html {
  const example = variable.generator ? "made for you" : (variable.placeholder ?? "");
  const shown = example ? html`placeholder="${example}"` : "";
  // The first line break after <textarea> is not part of its value, so one is given away.
  if (variable.type === "multiline" || value.includes("\n"))
    return html`<textarea ${common} ${shown} rows="6" autocomplete="off" spellcheck="false">
${value}</textarea>`;
  if (variable.secret)
    return html`<input type="password" ${common} ${shown} value="${value}" autocomplete="off" spellcheck="false">`;
  const { type, mode } = keyboard[variable.type] ?? { type: "text", mode: "text" };
  return html`<input type="${type}" inputmode="${mode}" ${common} ${shown} value="${value}" autocomplete="${type === "email" ? "email" : "off"}" autocapitalize="none" spellcheck="false">`;
}

/** Two radios, because an unchecked box and an unanswered one would be the same on the wire. */
function choice(
  variable: Variable,
  value: string,
  name: string,
  id: string,
  describedBy: string,
  told: Html,
  problem: string | null,
): Html {
  const [yes, no] = spelling(variable.default ?? value);
  const radio = (given: string, label: string, index: number) => {
    const own = index === 0 ? id : `${id}-${index}`;
    return html`<label class="radio" for="${own}"><input type="radio" id="${own}" name="${name}" value="${given}" ${value === given ? "checked" : ""} ${problem ? html`aria-invalid="true"` : ""}> ${label}</label>`;
  };
  return html`<fieldset class="field" ${describedBy ? html`aria-describedby="${describedBy}"` : ""}>
<legend><code class="variable">${variable.name}</code> ${need(variable)}</legend>
${told}
<div class="radios">${radio(yes, "Yes", 0)}${radio(no, "No", 1)}${variable.required ? "" : radio("", "Leave it unset", 2)}</div>
</fieldset>`;
}

const spellings = [
  ["true", "false"],
  ["True", "False"],
  ["TRUE", "FALSE"],
  ["1", "0"],
  ["yes", "no"],
  ["on", "off"],
] as const;

/** An app that says "1" for yes would not understand "true". */
const spelling = (like: string) => spellings.find(([yes, no]) => like === yes || like === no) ?? spellings[0];
