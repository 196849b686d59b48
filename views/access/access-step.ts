import { autolink } from "../autolink.ts";
import { type Html, html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";
import { revokeForm } from "./connect-oauth.ts";

export interface AccessField {
  /** The form sends it as `access[name]`. */
  name: string;
  label: string;
  help: string;
  /** `text`, `password` or `textarea`. */
  type: string;
  /** Of a `choice`. */
  options?: { value: string; label: string }[];
  /** Nothing is chosen at first. */
  open?: boolean;
  value: string;
  problem: string | null;
  /** What to do about the problem. */
  fix?: string;
  optional?: boolean;
}

/** Access by OAuth: who has lent it in this browser, and the way to where it is lent. */
export interface OAuthState {
  /** null: nobody, or no longer. */
  account: string | null;
  /** Asks for consent, and leads back to this page. */
  connect: string;
  /** This page, to come back to. */
  returnPath: string;
  /** Why what is to be chosen could not be looked up. */
  error: { message: string; fix: string } | null;
  create?: { title: string; button: string; help: string; fields: AccessField[] };
}

export interface AccessFormProps {
  id: string;
  /** Whether the cloud needs no account and so no access. */
  needsNoAccess?: boolean;
  /** What is lent, for how long: one sentence. */
  explain: string;
  /** Where it is made ready to be lent. */
  page?: string;
  fields: AccessField[];
  consent?: OAuthState;
}

/** How the visitor lends access, as the last questions of the form. */
export const accessStep = (lender: AccessFormProps) =>
  lender.consent
    ? lender.consent.account !== null && lender.fields.length === 0
      ? ""
      : html`<section aria-labelledby="place-title">
<h2 id="place-title">Where in your account</h2>
${lender.consent.account === null ? lapsed(lender, lender.consent) : ""}
${lender.fields.map((field, index) => accessField(field, index))}
</section>`
    : html`<section aria-labelledby="access-title">
<h2 id="access-title">${lender.needsNoAccess ? "Access" : "Access to your account"}</h2>
${how(lender)}
${lender.fields.map((field, index) => accessField(field, index))}
</section>`;

const how = ({ explain, page }: AccessFormProps) => html`<div class="box"><p>${autolink(explain)}</p>
${page ? html`<p><a href="${safeUrl(page)}" target="_blank" rel="noopener">Lend access</a> <span class="quiet small">in a new tab: what you have typed here stays</span></p>` : ""}</div>`;

const lapsed = ({ page }: AccessFormProps, { connect }: OAuthState) =>
  html`<div class="box" data-kind="bad"><p>You are not connected, or no longer: what you lend lasts for an hour. <a href="${safeUrl(page ?? connect)}" target="_blank" rel="noopener">Connect again</a> <span class="quiet small">in a new tab: what you have typed here stays</span></p></div>`;

/** Who has lent access, or the button that asks for it: in front of the form, since its answers cannot go along. */
export const consentStep = ({
  id,
  name,
  explain,
  page,
  consent,
}: AccessFormProps & { name: string; consent: OAuthState }) => html`<section aria-labelledby="access-title">
<h2 id="access-title">Access to your account</h2>
${
  consent.account === null
    ? html`<div class="box"><p>${autolink(explain)} ${page ? html`<a href="${safeUrl(page)}">What you lend, and why</a>` : ""}</p></div>
<p class="actions"><a class="loud connect" href="${safeUrl(consent.connect)}">Connect ${name}</a></p>`
    : html`<div class="box"><p>Connected as <b dir="auto">${consent.account}</b>. ${page ? html`<a href="${safeUrl(page)}">What you lend, and why</a>` : ""}</p>
${revokeForm(id, consent.returnPath)}</div>
${consent.error ? html`<div class="box" data-kind="bad" role="alert"><p dir="auto">${autolink(consent.error.message)}</p>${consent.error.fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${autolink(consent.error.fix)}</p>` : ""}</div>` : ""}
${consent.create ? makeForm(id, consent.returnPath, consent.create) : ""}`
}
</section>`;

const makeForm = (
  id: string,
  to: string,
  { title, button, help, fields }: NonNullable<OAuthState["create"]>,
) => html`<details class="fold"><summary>${title}</summary>
<p>${autolink(help)}</p>
<form action="/connect/${id}/make" method="post"><input type="hidden" name="to" value="${to}">
${fields.map((field, index) => accessField(field, index, "make"))}
<button type="submit">${button}</button></form></details>`;

function accessField(field: AccessField, index: number, of: "access" | "make" = "access"): Html {
  const id = `${of}-${index}`;
  const describedBy = [field.help ? `${id}-hint` : "", field.problem ? `${id}-problem` : ""]
    .filter((part) => part !== "")
    .join(" ");
  const common = html`id="${id}" name="${of}[${field.name}]" ${field.optional ? "" : "required"} ${describedBy ? html`aria-describedby="${describedBy}"` : ""} ${field.problem ? html`aria-invalid="true"` : ""} autocomplete="off" autocapitalize="none" spellcheck="false"`;
  if (field.type === "choice" && field.options)
    return html`<fieldset class="field" id="${id}"><legend>${field.label}</legend>
${field.help ? html`<div class="hint" id="${id}-hint"><p>${autolink(field.help)}</p></div>` : ""}
${problem(field, id)}
${field.options.map(({ value, label }, index) => html`<label class="preset" for="${id}-${index}"><input type="radio" id="${id}-${index}" name="${of}[${field.name}]" value="${value}" ${value === field.value || (field.value === "" && index === 0 && !field.open) ? "checked" : ""}><span>${label}</span></label>`)}</fieldset>`;
  return html`<div class="field">
<label for="${id}">${field.label} ${field.optional ? "" : html`<span class="need">required</span>`}</label>
${field.help ? html`<div class="hint" id="${id}-hint"><p>${autolink(field.help)}</p></div>` : ""}
${problem(field, id)}
${
  field.type === "textarea"
    ? html`<textarea ${common} rows="6">
${field.value}</textarea>`
    : html`<input type="${field.type === "password" ? "password" : "text"}" ${common} value="${field.value}">`
}
</div>`;
}

const problem = ({ problem, fix }: AccessField, id: string) =>
  problem
    ? html`<div class="field-problem" id="${id}-problem"><p dir="auto">${autolink(problem)}</p>${fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${autolink(fix)}</p>` : ""}</div>`
    : "";
