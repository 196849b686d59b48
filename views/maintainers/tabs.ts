import { type Html, html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";

export type MaintainersPage = "badge" | "manifest" | "stats" | "settings" | "webhooks";

const tabs: { page: MaintainersPage; label: string; keepsRef: boolean }[] = [
  { page: "badge", label: "Badge", keepsRef: true },
  { page: "manifest", label: "Manifest", keepsRef: true },
  { page: "stats", label: "Stats", keepsRef: false },
  { page: "settings", label: "Settings", keepsRef: false },
  { page: "webhooks", label: "Webhooks", keepsRef: false },
];

/**
 * Navigation between the maintainers' pages of a repository. `path` is `/github.com/o/r`; `query`, "" or `?ref=...`,
 * is kept for the pages about a single ref.
 */
export const maintainerTabs = (path: string, query: string, current: MaintainersPage): Html =>
  html`<nav class="tabs" aria-label="For maintainers"><ul>${tabs.map(
    ({ page, label, keepsRef }) =>
      html`<li><a href="${safeUrl(`${path}/${page}${keepsRef ? query : ""}`)}" ${page === current ? html`aria-current="page"` : ""}>${label}</a></li>`,
  )}</ul></nav>`;
