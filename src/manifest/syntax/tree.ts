/** A value of a JSON, YAML or TOML document with its position. */
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
  /** Offset after the last one. */
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

/** Returns the value of a key; undefined if the tree is not an object. */
export const get = (tree: Tree | undefined, key: string): Tree | undefined =>
  tree?.kind === "object" ? tree.entries.get(key)?.value : undefined;

export const entriesOf = (tree: Tree | undefined): [string, Entry][] =>
  tree?.kind === "object" ? [...tree.entries] : [];

export const itemsOf = (tree: Tree | undefined): Tree[] => (tree?.kind === "list" ? tree.items : []);

/** Returns a text, number or boolean as an environment would hold it; undefined for anything else. */
export function scalar(tree: Tree | undefined): string | undefined {
  if (tree?.kind === "text") return tree.value;
  if (tree?.kind === "number") return tree.raw;
  if (tree?.kind === "boolean") return String(tree.value);
  return undefined;
}

/** Returns the kind of a value, as words for a sentence. */
export const kindOf = (tree: Tree): string =>
  ({ object: "an object", list: "a list", text: "text", number: "a number", boolean: "true or false", null: "null" })[
    tree.kind
  ];
