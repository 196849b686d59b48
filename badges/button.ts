import { applyTheme, buttonPaint, type Theme, type Tone } from "./colors.ts";
import { type Mark, markPaths } from "./logos.ts";
import { escapeXml, isRightToLeft } from "./text.ts";
import { textWidth } from "./text-width.ts";

export interface Button {
  theme: Theme;
  size: "m" | "l";
  label: string;
  message: string;
  name: string;
  tone: Tone;
  logo: Mark;
}

const sizes = {
  m: { height: 32, font: 14, mark: 16, pad: 12, gap: 9, radius: 6, baseline: 21 },
  l: { height: 40, font: 16, mark: 20, pad: 16, gap: 11, radius: 8, baseline: 25.5 },
};
// An image must not load a font file, so these are the fonts of the common systems and GitHub.
const fonts = "-apple-system,BlinkMacSystemFont,Segoe UI,Noto Sans,Helvetica,Arial,sans-serif";

/** Draws the button: mark, label, and the message, if any, on a darker background. */
export function drawButton({ theme, size, label, message, name, tone, logo }: Button): string {
  const { height, font, mark, pad, gap, radius, baseline } = sizes[size];
  const { light, dark } = buttonPaint[tone];
  const text = (content: string, x: number, width: number, weight: 400 | 600) => {
    const direction = isRightToLeft(content) ? ' direction="rtl"' : "";
    const fit = /^[\x20-\x7e]*$/.test(content) ? "" : ' lengthAdjust="spacingAndGlyphs"';
    return `<text x="${x + width / 2}" y="${baseline}" font-weight="${weight}" textLength="${width}"${fit}${direction}>${escapeXml(content)}</text>`;
  };

  const labelX = pad + mark + gap;
  const labelWidth = Math.round(textWidth(label, 600) * font);
  const labelEnd = labelX + labelWidth + pad;
  const messageWidth = Math.round(textWidth(message, 400) * font);
  const width = message ? labelEnd + messageWidth + 2 * pad : labelEnd + 2;
  const messageBackground = message
    ? `<path fill="#000000" fill-opacity=".16" d="M${labelEnd} 0H${width - radius}a${radius} ${radius} 0 0 1 ${radius} ${radius}V${height - radius}a${radius} ${radius} 0 0 1-${radius} ${radius}H${labelEnd}z"/>`
    : "";
  const title = escapeXml(name);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"><title>${title}</title>` +
    `<rect width="${width}" height="${height}" rx="${radius}" fill="${light.fill}"/>${messageBackground}` +
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="${radius - 0.5}" fill="none" stroke="#ffffff" stroke-opacity=".16"/>` +
    `<g transform="translate(${pad} ${(height - mark) / 2})${mark === 16 ? "" : ` scale(${mark / 16})`}">${markPaths(logo, light.ink, light.line)}</g>` +
    `<g fill="${light.ink}" font-family="${fonts}" font-size="${font}" text-anchor="middle">` +
    `${text(label, labelX, labelWidth, 600)}${message ? text(message, labelEnd + pad, messageWidth, 400) : ""}</g></svg>`;
  return applyTheme(svg, theme, [
    ["fill", light.fill, dark.fill],
    ["fill", light.ink, dark.ink],
    ["fill", light.line, dark.line],
  ]);
}
