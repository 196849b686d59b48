// Untrusted text: cleaned, truncated by graphemes, and encoded for SVG.

const printableAscii = /^[\x20-\x7e]*$/;
/** Controls, invisible formatting and direction overrides. */
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/gu;
/** Per grapheme. Emoji with skin tones and joiners need ten; "Zalgo" text stacks hundreds of accents on a letter. */
const maxCodePoints = 12;

let segmenter: Intl.Segmenter | undefined;

/** Splits a text into graphemes: an emoji family, or a letter with its accents, counts as one. */
export function graphemes(text: string): string[] {
  if (printableAscii.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Reduces a text to one line of at most `maxGraphemes` that is valid in XML, truncated with an ellipsis. */
export function clean(text: string, maxGraphemes: number): string {
  const line = text
    .slice(0, maxGraphemes * 40)
    .toWellFormed()
    .replace(/[\t\n\r\u2028\u2029]/g, " ")
    .replace(invisible, "")
    .replace(/\s+/g, " ")
    .trim()
    .normalize("NFC");
  if (printableAscii.test(line))
    return line.length > maxGraphemes ? `${line.slice(0, maxGraphemes - 1).trimEnd()}…` : line;
  const clusters = graphemes(line).map((letter) =>
    letter.length > maxCodePoints ? [...letter].slice(0, maxCodePoints).join("") : letter,
  );
  if (clusters.length <= maxGraphemes) return clusters.join("");
  return `${clusters
    .slice(0, maxGraphemes - 1)
    .join("")
    .trimEnd()}…`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** Escapes text for an element or quoted attribute as ASCII, so that a wrong charset does not matter. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']|[^\x20-\x7e]/gu, (letter) => entities[letter] ?? `&#x${letter.codePointAt(0)?.toString(16)};`);

/** Whether the text's first letter is from a right-to-left script. */
export const isRightToLeft = (text: string): boolean =>
  /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u.test(
    text,
  );
