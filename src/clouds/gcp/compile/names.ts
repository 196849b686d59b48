import { shortIdRef, type TextPart } from "./expressions.ts";

/** Memorystore allows 40 characters, of which 27 are the app's slug and the deployment's ID. */
export const maxSuffixLength = 12;
const maxSlugLength = 18;

/** Returns the parts of a resource name, such as `an-app-k3v9x2ab-web`. */
export const resourceName = (slug: string, ...suffix: TextPart[]): TextPart[] => [
  `${slugOrApp(slug)}-`,
  shortIdRef,
  "-",
  ...suffix,
];

/** Returns the parts of a bucket name. Google rejects names that contain "google" or look like it. */
export const bucketName = (slug: string, ...suffix: TextPart[]): TextPart[] =>
  resourceName(
    slug.replace(/g[o0]+g/gi, "gg"),
    ...suffix.map((part) => (typeof part === "string" ? withoutGoogle(part) : part)),
  );
const withoutGoogle = (text: string) => text.replace(/g[o0]+g/gi, "gg");

const slugOrApp = (slug: string) => slugify(slug, maxSlugLength).replace(/^[^a-z]+/, "") || "app";

/** Converts a name to lower-case letters, digits and single dashes, with no dash at either end. */
export const slugify = (name: string, maxLength: number): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, maxLength)
    .replace(/-+$/, "");

/** Creates a function that returns each name only once, adding a number if needed. */
export function uniqueNames(maxLength: number, reserved: readonly string[] = []) {
  const used = new Set(reserved);
  return (name: string, kind: string): string => {
    const slug = slugify(name, maxLength) || kind;
    const candidate = used.has(slug) && !slug.startsWith(kind) ? slugify(`${kind}-${slug}`, maxLength) : slug;
    let unique = candidate;
    for (let suffixNumber = 2; used.has(unique); suffixNumber++) {
      const suffix = `-${suffixNumber}`;
      unique = `${slugify(candidate, maxLength - suffix.length)}${suffix}`;
    }
    used.add(unique);
    return unique;
  };
}
