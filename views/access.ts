import { type Html, html } from "./html.ts";
import { linked } from "./linked.ts";
import { safeUrl } from "./safe-url.ts";

export interface AccessField {
  /** The form sends it as `access[name]`. */
  name: string;
  label: string;
  help: string;
  /** `text`, `password` or `textarea`. */
  type: string;
  /** Of a `choice`. */
  options?: { value: string; label: string }[];
  value: string;
  problem: string | null;
  /** What to do about the problem. */
  fix?: string;
}

export interface Lender {
  id: string;
  /** What is lent, for how long: one sentence. */
  explain: string;
  /** Where it is made ready to be lent. */
  page?: string;
  fields: AccessField[];
}

/** How the visitor lends access, as the last questions of the form. */
export const accessStep = ({ id, explain, page, fields }: Lender) => html`<section aria-labelledby="access-title">
<h2 id="access-title">${id === "local" ? "Access" : "Access to your account"}</h2>
<div class="box"><p>${linked(explain)}</p>
${page ? html`<p><a href="${safeUrl(page)}" target="_blank" rel="noopener">Lend access</a> <span class="quiet small">in a new tab: what you have typed here stays</span></p>` : ""}</div>
${fields.map(accessField)}
</section>`;

function accessField(field: AccessField, index: number): Html {
  const id = `access-${index}`;
  const describedBy = [field.help ? `${id}-hint` : "", field.problem ? `${id}-problem` : ""]
    .filter((part) => part !== "")
    .join(" ");
  const common = html`id="${id}" name="access[${field.name}]" required ${describedBy ? html`aria-describedby="${describedBy}"` : ""} ${field.problem ? html`aria-invalid="true"` : ""} autocomplete="off" autocapitalize="none" spellcheck="false"`;
  if (field.type === "choice" && field.options)
    return html`<fieldset class="field"><legend>${field.label}</legend>
${field.help ? html`<div class="hint" id="${id}-hint"><p>${linked(field.help)}</p></div>` : ""}
${field.options.map(({ value, label }, index) => html`<label class="preset" for="${id}-${index}"><input type="radio" id="${id}-${index}" name="access[${field.name}]" value="${value}" ${value === field.value || (field.value === "" && index === 0) ? "checked" : ""}><span>${label}</span></label>`)}</fieldset>`;
  return html`<div class="field">
<label for="${id}">${field.label} <span class="need">required</span></label>
${field.help ? html`<div class="hint" id="${id}-hint"><p>${linked(field.help)}</p></div>` : ""}
${field.problem ? html`<div class="field-problem" id="${id}-problem"><p dir="auto">${linked(field.problem)}</p>${field.fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${linked(field.fix)}</p>` : ""}</div>` : ""}
${
  field.type === "textarea"
    ? html`<textarea ${common} rows="6">
${field.value}</textarea>`
    : html`<input type="${field.type === "password" ? "password" : "text"}" ${common} value="${field.value}">`
}
</div>`;
}
