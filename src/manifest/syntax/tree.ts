/** A value of a document with the place it was written at, the same for JSON, YAML and TOML. */
export type Tree = Place &
  (
    | { kind: "object"; entries: Map<string, Entry> }
    | { kind: "list"; items: Tree[] }
    | { kind: "text"; value: string }
    | { kind: "number"; value: number; raw: string }
    | { kind: "boolean"; value: boolean }
    | { kind: "null" }
  );

export interface Place {
  /** Offset of the first character in the file's text, in UTF-16 units. */
  at: number;
  /** Offset behind the last one. */
  end: number;
  /** Such as `env.PORT.value` or `addons[0].plan`. */
  path: string;
}

export interface Entry {
  key: Place;
  value: Tree;
}

export type ObjectTree = Extract<Tree, { kind: "object" }>;
export type ListTree = Extract<Tree, { kind: "list" }>;

export const keyPath = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);
export const itemPath = (path: string, index: number): string => `${path}[${index}]`;

/** The value below a key, of an object that may be no object at all. */
export const get = (tree: Tree | undefined, key: string): Tree | undefined =>
  tree?.kind === "object" ? tree.entries.get(key)?.value : undefined;

export const entriesOf = (tree: Tree | undefined): [string, Entry][] =>
  tree?.kind === "object" ? [...tree.entries] : [];

export const itemsOf = (tree: Tree | undefined): Tree[] => (tree?.kind === "list" ? tree.items : []);

/** A text, a number or a boolean as the text it would be in an environment; undefined for anything else. */
export function scalar(tree: Tree | undefined): string | undefined {
  if (tree?.kind === "text") return tree.value;
  if (tree?.kind === "number") return tree.raw;
  if (tree?.kind === "boolean") return String(tree.value);
  return undefined;
}

/** What a value is, in words for a sentence. */
export const kindOf = (tree: Tree): string =>
  ({ object: "an object", list: "a list", text: "text", number: "a number", boolean: "true or false", null: "null" })[
    tree.kind
  ];
