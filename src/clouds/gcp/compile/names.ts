import { shortIdRef, type TextPart } from "./expressions.ts";

/** How long a deployment's part of a name may be: Memorystore takes 40 characters, and 27 are the app's. */
export const maxSuffixLength = 12;
const longestSlug = 18;

/** The parts of a name that tell whose it is: `an-app-k3v9x2ab`, and behind it what it is. */
export const resourceName = (slug: string, ...suffix: TextPart[]): TextPart[] => [
  `${slugged(slug)}-`,
  shortIdRef,
  "-",
  ...suffix,
];

/** Google allows no name of a bucket that looks like its own. */
export const bucketName = (slug: string, ...suffix: TextPart[]): TextPart[] =>
  resourceName(
    slug.replace(/g[o0]+g/gi, "gg"),
    ...suffix.map((one) => (typeof one === "string" ? ungoogled(one) : one)),
  );
const ungoogled = (text: string) => text.replace(/g[o0]+g/gi, "gg");

const slugged = (slug: string) => slugify(slug, longestSlug).replace(/^[^a-z]+/, "") || "app";

/** Lower case letters, digits and single dashes, with neither at the ends. */
export const slugify = (name: string, longest: number): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, longest)
    .replace(/-+$/, "");

/** Gives each name once, told apart by a number. */
export function uniqueNames(longest: number, taken: readonly string[] = []) {
  const used = new Set(taken);
  return (name: string, kind: string): string => {
    const plain = slugify(name, longest) || kind;
    const wished = used.has(plain) && !plain.startsWith(kind) ? slugify(`${kind}-${plain}`, longest) : plain;
    let unique = wished;
    for (let count = 2; used.has(unique); count++) {
      const tail = `-${count}`;
      unique = `${slugify(wished, longest - tail.length)}${tail}`;
    }
    used.add(unique);
    return unique;
  };
}
