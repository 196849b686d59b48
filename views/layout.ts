import { type Html, html } from "./html.ts";
import { slipwayLogo } from "./logo.ts";
import { safeUrl } from "./safe-url.ts";

/** Returns the versioned URL of an asset: `style.css` -> `/assets/style.css?v=...`. */
export type Assets = (file: string) => string;

/** The data of every page. */
export interface Page {
  assets: Assets;
}

interface Layout extends Page {
  title: string;
  description?: string;
  /** The repository's path, such as `/github.com/o/r`, if the page is about one. */
  path?: string;
  /** The query kept in links between its pages: "" or `?ref=...`. */
  query?: string;
  body: Html;
  scripts?: string[];
  /** The signed-in user's login. Only pages for maintainers show it. */
  signedIn?: string | null;
  /** Seconds until the page reloads without scripts. */
  refresh?: number;
}

export const layout = ({ title, description, path, query = "", assets, body, scripts = [], ...options }: Layout) => {
  const { signedIn, refresh } = options;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#fcfcfa" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#0f1214" media="(prefers-color-scheme: dark)">
<title>${title} · Slipway</title>
${description ? html`<meta name="description" content="${description}">` : ""}
<link rel="icon" type="image/svg+xml" href="${assets("mark.svg")}">
<link rel="stylesheet" href="${assets("style.css")}">
${scripts.map((file) => html`<script type="module" src="${assets(file)}"></script>`)}
${refresh ? html`<noscript><meta http-equiv="refresh" content="${refresh}"></noscript>` : ""}
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<a class="brand" href="/">${slipwayLogo()}<span>Slipway</span></a>
<nav aria-label="Slipway"><a href="/#how">How it works</a></nav>
</header>
${signedIn ? accountBar(signedIn) : ""}<main id="main" tabindex="-1">
${body}
</main>
<footer class="bottom">
${path ? repositoryNav(path, query) : ""}
<p>Slipway deploys apps to your own cloud account.</p>
</footer>
</body>
</html>
`;
};

const repositoryNav = (path: string, query: string) => html`<nav aria-label="This repository">
<ul>
<li><a href="${safeUrl(path + query)}">Deploy</a></li>
<li><a href="${safeUrl(`${path}/manifest${query}`)}">Manifest</a></li>
<li><a href="${safeUrl(`${path}/badge${query}`)}">Badge</a></li>
${path.startsWith("/local/") ? html`<li><a href="${safeUrl(`${path}/stats`)}">Stats</a></li>` : ""}
<li><a href="${safeUrl(`${path}/report`)}" rel="nofollow">Report this repository</a></li>
</ul>
</nav>`;

const accountBar = (login: string) => html`<form class="account" action="/sign-out" method="post">
<p>Signed in as <a href="/account" dir="auto">${login}</a></p>
<button class="link" type="submit">Sign out</button>
</form>
`;
