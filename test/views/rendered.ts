import type { Html } from "../../views/html.ts";

const decode = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

/** What a reader sees of a page, as one line. */
export const visibleText = async (page: Html) =>
  decode(
    String(await page)
      .replace(/^[\s\S]*<main/, "<main")
      .replace(/<[^>]*>/g, " "),
  ).replace(/\s+/g, " ");

export const attributes = (markup: string, name: string) =>
  [...markup.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value = ""]) => decode(value));

/** The opening tag that has this attribute. */
export const tagWith = (markup: string, attribute: string) =>
  [...markup.matchAll(/<[a-z][^>]*>/g)].map(([tag]) => tag).find((tag) => tag.includes(attribute)) ?? "";
