import { type Html, html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";

export type MaintainersPage = "badge" | "manifest" | "stats" | "settings" | "webhooks";

const tabs: { page: MaintainersPage; label: string; pinned: boolean }[] = [
  { page: "badge", label: "Badge", pinned: true },
  { page: "manifest", label: "Manifest", pinned: true },
  { page: "stats", label: "Stats", pinned: false },
  { page: "settings", label: "Settings", pinned: false },
  { page: "webhooks", label: "Webhooks", pinned: false },
];

/**
 * The pages of a repository that are for its maintainers, the current one marked. `path` is `/github.com/o/r`;
 * `query`, "" or `?ref=...`, goes along to the pages that are about one ref and not about the whole repository.
 */
export const maintainerTabs = (path: string, query: string, current: MaintainersPage): Html =>
  html`<nav class="tabs" aria-label="For maintainers"><ul>${tabs.map(
    ({ page, label, pinned }) =>
      html`<li><a href="${safeUrl(`${path}/${page}${pinned ? query : ""}`)}" ${page === current ? html`aria-current="page"` : ""}>${label}</a></li>`,
  )}</ul></nav>`;
