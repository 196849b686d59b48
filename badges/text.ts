// Text that strangers choose: cleaned, clipped by what a reader counts as a letter, and encoded for SVG.

const plain = /^[\x20-\x7e]*$/;
/** What has no place in one line of text: controls, invisible formatting, and direction overrides. */
const unwanted = /[\p{Cc}\p{Zl}\p{Zp}\ufffe\uffff]|(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])\p{Cf}/gu;
/** Emoji with skin tones and joiners need ten code points; "Zalgo" stacks hundreds of accents on a letter. */
const codePoints = 12;

let segmenter: Intl.Segmenter | undefined;

/** The letters of a text as a reader counts them: an emoji family, or a letter with its accents, is one. */
export function graphemes(text: string): string[] {
  if (plain.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** One line of at most `most` graphemes that any SVG reader accepts. What is cut off becomes an ellipsis. */
export function clean(text: string, most: number): string {
  const line = text
    .slice(0, most * 40)
    .toWellFormed()
    .replace(/[\t\n\r\u2028\u2029]/g, " ")
    .replace(unwanted, "")
    .replace(/\s+/g, " ")
    .trim()
    .normalize("NFC");
  if (plain.test(line)) return line.length > most ? `${line.slice(0, most - 1).trimEnd()}…` : line;
  const letters = graphemes(line).map((letter) =>
    letter.length > codePoints ? [...letter].slice(0, codePoints).join("") : letter,
  );
  if (letters.length <= most) return letters.join("");
  return `${letters
    .slice(0, most - 1)
    .join("")
    .trimEnd()}…`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };

/** Text for an element or a quoted attribute, in ASCII: the same bytes whatever charset a proxy assumes. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"']|[^\x20-\x7e]/gu, (letter) => entities[letter] ?? `&#x${letter.codePointAt(0)?.toString(16)};`);

/** Whether the first letter that has a direction reads from right to left. */
export const isRightToLeft = (text: string): boolean =>
  /^[^\p{L}]*[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u.test(
    text,
  );
