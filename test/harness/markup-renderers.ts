import { execFileSync } from "node:child_process";
import type { Format } from "../../src/maintainers/readme/snippets.ts";
import { type PeerName, programOf } from "./peers.ts";

interface Renderer {
  peer: PeerName | null;
  args: string[];
}

// Renderers of READMEs: for Markdown GitHub's own program, for the others the one GitHub uses.
const renderers: Record<Format, Renderer> = {
  markdown: { peer: "cmark-gfm", args: ["--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"] },
  html: { peer: null, args: [] },
  rst: { peer: "docutils", args: ["--report=2", "--halt=2", "--no-raw", "--no-file-insertion"] },
  asciidoc: { peer: "asciidoctor", args: ["--embedded", "--safe-mode", "secure", "-o", "-", "-"] },
};

export const rendererOf = (format: Format): PeerName[] => {
  const { peer } = renderers[format];
  return peer ? [peer] : [];
};

/** Renders a README to HTML; throws if the renderer reports a problem. */
export function render(format: Format, readme: string): string {
  const { peer, args } = renderers[format];
  const program = peer && programOf(peer);
  if (!program) return readme;
  return execFileSync(program, args, { input: readme, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
}

const namedEntities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Decodes an attribute's value as a browser does. */
const decode = (text: string) =>
  text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (entity, hex, decimal, name) => {
    if (name) return namedEntities[name] ?? entity;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });

/** Returns every link and image in HTML, in order, as a browser would read them. */
export function linksAndImages(html: string): { link?: string; image?: string; alt?: string }[] {
  const [, body = html] = /<body[^>]*>([\s\S]*)<\/body>/.exec(html) ?? [];
  return [...body.matchAll(/<(a|img)\b((?:\s+[\w-]+(?:="[^"]*")?)*)\s*\/?>/g)].map(([, tag, attributes = ""]) => {
    const attributeOf = (name: string) => {
      const value = new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1];
      return value === undefined ? undefined : decode(value);
    };
    return tag === "a" ? { link: attributeOf("href") } : { image: attributeOf("src"), alt: attributeOf("alt") };
  });
}
