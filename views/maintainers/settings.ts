import type { Note } from "../../src/result.ts";
import { isOffered, type Settings } from "../../src/settings.ts";
import { dateTime } from "../format.ts";
import { type Html, html } from "../html.ts";
import { layout, type Page } from "../layout.ts";
import { noteBody } from "../notes.ts";
import { safeUrl } from "../safe-url.ts";
import { maintainerTabs } from "./tabs.ts";

export interface SettingsPage extends Page {
  signedIn: string | null;
  path: string;
  /** `github.com/o/r` */
  repo: string;
  clouds: { id: string; name: string }[];
  presets: { id: string; name: string; note: string }[];
  /** The settings of this page and of the manifest. */
  page: Settings;
  file: Settings;
  /** Problems of the submitted form. */
  problems: Note[];
  /** Why the repository cannot be read. */
  error: Note | null;
  saved: { by: string; at: string } | null;
}

export const settingsPage = (page: SettingsPage) => {
  const { path, repo, problems, error, saved } = page;
  return layout({
    ...page,
    title: `${problems.length > 0 ? "Error: " : ""}Settings of ${repo}`,
    body: html`
<p class="eyebrow" dir="auto"><a href="${safeUrl(path)}">${repo}</a></p>
<h1>Settings</h1>
${maintainerTabs(path, "", "settings")}
<p class="lead">Controls what visitors see. Settings here override <code>cloud.settings</code> in the manifest.</p>
${saved ? html`<div class="box" data-kind="good" role="status"><p>Saved by <span dir="auto">${saved.by}</span> on ${dateTime(saved.at)}.</p></div>` : ""}
${error ? html`<div class="box" data-kind="warn">${noteBody(error, "")}</div>` : ""}
${problems.length > 0 ? html`<div class="box" data-kind="bad" role="alert" tabindex="-1" autofocus><p><b>Nothing was saved.</b></p>${problems.map((problem) => noteBody(problem, ""))}</div>` : ""}
<form class="deploy settings" action="${safeUrl(`${path}/settings`)}" method="post">
${clouds(page)}
${preset(page)}
${ref(page)}
${stats(page)}
<div class="go"><button class="loud" type="submit">Save</button></div>
</form>`,
  });
};

/** The manifest's value of a setting, and whether this page overrides it. */
const manifestValue = (file: string | undefined, page: unknown) =>
  file === undefined
    ? ""
    : html`<p class="hint">Manifest: <b dir="auto">${file}</b>${page === undefined ? "" : " · overridden here"}</p>`;

function radio(name: string, value: string, checked: boolean, label: string): Html {
  const id = `${name}-${value || "file"}`;
  return html`<label class="radio" for="${id}"><input type="radio" id="${id}" name="${name}" value="${value}" ${checked ? "checked" : ""}> ${label}</label>`;
}

function clouds({ clouds: allClouds, page, file }: SettingsPage): Html {
  const mode = page.allow ? "allow" : page.hide ? "hide" : "";
  const effective = mode === "" ? file : page;
  const excluded = allClouds.filter(({ id }) => !isOffered(file, id)).map(({ name }) => name);
  const manifestRule =
    file.allow || file.hide ? (excluded.length > 0 ? `not on ${excluded.join(", ")}` : "everywhere") : undefined;
  return html`<section aria-labelledby="clouds-title"><h2 id="clouds-title">Clouds</h2>
<fieldset class="field"><legend>Offer this app on</legend>
${manifestValue(manifestRule, mode === "" ? undefined : mode)}
<div class="stacked">
${radio("clouds", "", mode === "", file.allow || file.hide ? "From the manifest" : "All clouds")}
${radio("clouds", "hide", mode === "hide", "Selected clouds, plus any added later")}
${radio("clouds", "allow", mode === "allow", "Selected clouds only")}
</div></fieldset>
${allClouds.map(({ id, name }, index) => {
  const noteId = `note-${index}`;
  const note = page.notes && Object.hasOwn(page.notes, id) ? page.notes[id] : undefined;
  const manifestNote = file.notes && Object.hasOwn(file.notes, id) ? file.notes[id] : undefined;
  return html`<fieldset class="field"><legend>${name}</legend>
<label class="radio" for="offer-${index}"><input type="checkbox" id="offer-${index}" name="offer" value="${id}" ${isOffered(effective, id) ? "checked" : ""}> Offer on ${name}</label>
<label for="${noteId}">Note to visitors <span class="need">optional</span></label>
${manifestValue(manifestNote, note)}
<textarea id="${noteId}" name="note[${id}]" rows="2" maxlength="1000">
${note ?? ""}</textarea></fieldset>`;
})}
<p class="hint">The note appears next to the cloud's name, or explains why the app isn't offered there: “This cloud forbids proxies and closes accounts that run one.”</p>
</section>`;
}

const preset = ({ presets, page, file }: SettingsPage) => html`<div class="field">
<label for="preset">Preset <span class="need">default for visitors</span></label>
${manifestValue(file.preset, page.preset)}
<select id="preset" name="preset">
<option value="">${file.preset ? "From the manifest" : "Economy (default)"}</option>
${presets.map(({ id, name, note }) => html`<option value="${id}" ${page.preset === id ? "selected" : ""}>${name}: ${note}</option>`)}
</select></div>`;

const ref = ({ page, file }: SettingsPage) => html`<div class="field">
<label for="ref">Branch, tag or commit <span class="need">if the link has none</span></label>
<p class="hint" id="ref-hint">Leave empty for the latest release, or the default branch if there is none. Enter <code>HEAD</code> to always use the default branch.</p>
${manifestValue(file.ref, page.ref)}
<input id="ref" name="ref" type="text" maxlength="255" value="${page.ref ?? ""}" placeholder="latest-release" aria-describedby="ref-hint" autocomplete="off" autocapitalize="none" spellcheck="false">
</div>`;

const stats = ({ page, file }: SettingsPage) => html`<fieldset class="field"><legend>Who can see the stats</legend>
${manifestValue(file.stats, page.stats)}
<div class="stacked">
${radio("stats", "", page.stats === undefined, file.stats ? "From the manifest" : "Maintainers (default)")}
${radio("stats", "private", page.stats === "private", "Maintainers only")}
${radio("stats", "public", page.stats === "public", "Everyone")}
</div></fieldset>`;
