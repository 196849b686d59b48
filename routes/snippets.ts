import { addressPath } from "../src/address.ts";
import type { App } from "../src/app.ts";
import type { Address } from "../src/repo.ts";

/** Square brackets and backslashes would end a Markdown label early. */
const escaped = (text: string) => text.replace(/[\\[\]]/g, "\\$&").replace(/\s+/g, " ");

const attribute = (text: string) =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`).replace(/\s+/g, " ");

const links = (origin: string, address: Address) => {
  const page = addressPath(address);
  const [path, query] = page.split("?", 2);
  const badge = (more = "") => {
    const all = [query, more].filter(Boolean).join("&");
    return `${origin}${path}/badge.svg${all ? `?${all}` : ""}`;
  };
  return { page: `${origin}${page}`, badge };
};

const label = (app: App) => `Deploy ${app.name} to your cloud`;

export const markdown = (origin: string, address: Address, app: App) => {
  const { page, badge } = links(origin, address);
  return `[![${escaped(label(app))}](${badge()})](${page})`;
};

/** What a maintainer pastes into a README, in each of its languages. */
export function snippets(origin: string, address: Address, app: App): { name: string; text: string }[] {
  const { page, badge } = links(origin, address);
  const alt = attribute(label(app));
  return [
    { name: "Markdown", text: markdown(origin, address, app) },
    {
      name: "HTML",
      text: `<a href="${attribute(page)}">
  <picture>
    <source media="(prefers-color-scheme: dark)" srcset="${attribute(badge("theme=dark"))}">
    <img alt="${alt}" src="${attribute(badge("theme=light"))}" height="32">
  </picture>
</a>`,
    },
    {
      name: "reStructuredText",
      text: `.. image:: ${badge()}\n   :alt: ${label(app).replace(/\s+/g, " ")}\n   :target: ${page}`,
    },
    { name: "AsciiDoc", text: `image:${badge()}["${label(app).replace(/[\s"\]]+/g, " ")}",link="${page}"]` },
  ];
}
