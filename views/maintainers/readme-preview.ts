import { html } from "../html.ts";
import { safeUrl } from "../safe-url.ts";

export interface ReadmePreview {
  app: { name: string; description: string };
  badges: { image: string; alt: string }[];
  theme: "light" | "dark";
}

/** The top of a README in GitHub's style, with the badge. */
export const readmePreview = ({
  app,
  badges,
  theme,
}: ReadmePreview) => html`<figure class="readme" data-theme="${theme}">
<figcaption class="unseen">${theme === "light" ? "On a light page" : "On a dark page"}</figcaption>
<p class="readme-file" aria-hidden="true">README.md</p>
<div class="readme-text">
<p class="readme-title" dir="auto">${app.name}</p>
<p>${badges.map(({ image, alt }) => html`<img class="badge" src="${safeUrl(image)}" alt="${alt}"> `)}</p>
<p dir="auto">${app.description || "What it is for, in a sentence or two."}</p>
<p class="readme-title" data-level="2" aria-hidden="true">Installation</p>
<p aria-hidden="true">Press the button above, or clone the repository and follow <span class="readme-link">the guide</span>.</p>
</div></figure>`;
