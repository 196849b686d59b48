import { autolink } from "../autolink.ts";
import { type Html, html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";
import { revokeForm } from "./connect-oauth.ts";

export interface AccessField {
  /** Submitted as `access[name]`. */
  name: string;
  label: string;
  help: string;
  /** `text`, `password` or `textarea`. */
  type: string;
  /** For type `choice`. */
  options?: { value: string; label: string }[];
  /** For type `choice`: no option is preselected. */
  open?: boolean;
  value: string;
  problem: string | null;
  /** How to fix the problem. */
  fix?: string;
  optional?: boolean;
}

/** OAuth access of this browser. */
export interface OAuthState {
  /** The connected account; null if none, or expired. */
  account: string | null;
  /** URL that asks for consent and returns here. */
  connect: string;
  /** The path of this page. */
  returnPath: string;
  /** Why the options could not be loaded. */
  error: { message: string; fix: string } | null;
  create?: { title: string; button: string; help: string; fields: AccessField[] };
}

export interface AccessFormProps {
  id: string;
  /** Whether the cloud needs no account and so no access. */
  needsNoAccess?: boolean;
  /** One sentence: which access, and for how long. */
  explain: string;
  /** The page that prepares the access. */
  page?: string;
  fields: AccessField[];
  consent?: OAuthState;
}

/** The access fields at the end of the form. */
export const accessStep = (access: AccessFormProps) =>
  access.consent
    ? access.consent.account !== null && access.fields.length === 0
      ? ""
      : html`<section aria-labelledby="place-title">
<h2 id="place-title">Where to deploy</h2>
${access.consent.account === null ? expiredNotice(access, access.consent) : ""}
${access.fields.map((field, index) => accessField(field, index))}
</section>`
    : html`<section aria-labelledby="access-title">
<h2 id="access-title">${access.needsNoAccess ? "Access" : "Access to your account"}</h2>
${explanation(access)}
${access.fields.map((field, index) => accessField(field, index))}
</section>`;

const explanation = ({ explain, page }: AccessFormProps) => html`<div class="box"><p>${autolink(explain)}</p>
${page ? html`<p><a href="${safeUrl(page)}" target="_blank" rel="noopener">Connect</a> <span class="quiet small">in a new tab; your entries stay here</span></p>` : ""}</div>`;

const expiredNotice = ({ page }: AccessFormProps, { connect }: OAuthState) =>
  html`<div class="box" data-kind="bad"><p>You aren't connected, or your access has expired. It lasts for one hour. <a href="${safeUrl(page ?? connect)}" target="_blank" rel="noopener">Connect again</a> <span class="quiet small">in a new tab; your entries stay here</span></p></div>`;

/** The connected account, or the button that connects one. Comes before the form: a redirect would lose its answers. */
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
    ? html`<div class="box"><p>${autolink(explain)} ${page ? html`<a href="${safeUrl(page)}">Permissions we ask for</a>` : ""}</p></div>
<p class="actions"><a class="loud connect" href="${safeUrl(consent.connect)}">Connect ${name}</a></p>`
    : html`<div class="box"><p>Connected as <b dir="auto">${consent.account}</b>. ${page ? html`<a href="${safeUrl(page)}">Permissions we ask for</a>` : ""}</p>
${revokeForm(id, consent.returnPath)}</div>
${consent.error ? html`<div class="box" data-kind="bad" role="alert"><p dir="auto">${autolink(consent.error.message)}</p>${consent.error.fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${autolink(consent.error.fix)}</p>` : ""}</div>` : ""}
${consent.create ? createForm(id, consent.returnPath, consent.create) : ""}`
}
</section>`;

const createForm = (
  id: string,
  to: string,
  { title, button, help, fields }: NonNullable<OAuthState["create"]>,
) => html`<details class="fold"><summary>${title}</summary>
<p>${autolink(help)}</p>
<form action="/connect/${id}/make" method="post"><input type="hidden" name="to" value="${to}">
${fields.map((field, index) => accessField(field, index, "make"))}
<button type="submit">${button}</button></form></details>`;

function accessField(field: AccessField, index: number, prefix: "access" | "make" = "access"): Html {
  const id = `${prefix}-${index}`;
  const describedBy = [field.help ? `${id}-hint` : "", field.problem ? `${id}-problem` : ""]
    .filter((part) => part !== "")
    .join(" ");
  const attributes = html`id="${id}" name="${prefix}[${field.name}]" ${field.optional ? "" : "required"} ${describedBy ? html`aria-describedby="${describedBy}"` : ""} ${field.problem ? html`aria-invalid="true"` : ""} autocomplete="off" autocapitalize="none" spellcheck="false"`;
  if (field.type === "choice" && field.options)
    return html`<fieldset class="field" id="${id}"><legend>${field.label}</legend>
${field.help ? html`<div class="hint" id="${id}-hint"><p>${autolink(field.help)}</p></div>` : ""}
${fieldProblem(field, id)}
${field.options.map(({ value, label }, index) => html`<label class="preset" for="${id}-${index}"><input type="radio" id="${id}-${index}" name="${prefix}[${field.name}]" value="${value}" ${value === field.value || (field.value === "" && index === 0 && !field.open) ? "checked" : ""}><span>${label}</span></label>`)}</fieldset>`;
  return html`<div class="field">
<label for="${id}">${field.label} ${field.optional ? "" : html`<span class="need">required</span>`}</label>
${field.help ? html`<div class="hint" id="${id}-hint"><p>${autolink(field.help)}</p></div>` : ""}
${fieldProblem(field, id)}
${
  field.type === "textarea"
    ? html`<textarea ${attributes} rows="6">
${field.value}</textarea>`
    : html`<input type="${field.type === "password" ? "password" : "text"}" ${attributes} value="${field.value}">`
}
</div>`;
}

const fieldProblem = ({ problem, fix }: AccessField, id: string) =>
  problem
    ? html`<div class="field-problem" id="${id}-problem"><p dir="auto">${autolink(problem)}</p>${fix ? html`<p class="fix" dir="auto"><b>What to do:</b> ${autolink(fix)}</p>` : ""}</div>`
    : "";
