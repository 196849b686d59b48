import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// Reduces Google's discovery documents to what the fake checks requests by: the methods in methods.json, and the schemas
// they reach, without their prose. `node test/fakes/gcp/discovery/reduce.ts FOLDER`; README.md says where to get them.

interface Raw {
  [key: string]: unknown;
}
interface Document {
  name: string;
  version: string;
  revision: string;
  rootUrl: string;
  servicePath: string;
  resources: Record<string, Resource>;
  schemas: Record<string, Raw>;
}
interface Resource {
  methods?: Record<string, Raw>;
  resources?: Record<string, Resource>;
}

const [folder = "."] = process.argv.slice(2);
const used: Record<string, string[]> = JSON.parse(readFileSync(join(import.meta.dirname, "methods.json"), "utf8"));

const methodsOf = (resource: Resource, prefix: string): [string, Raw][] => [
  ...Object.entries(resource.methods ?? {}).map(([name, method]): [string, Raw] => [`${prefix}${name}`, method]),
  ...Object.entries(resource.resources ?? {}).flatMap(([name, inner]) => methodsOf(inner, `${prefix}${name}.`)),
];

const kept = new Set(
  "type format pattern enum repeated required location $ref readOnly items additionalProperties properties".split(" "),
);

/** Without prose; what only prose says is required is marked so. */
function bare(schema: unknown, isField = false): unknown {
  if (Array.isArray(schema) || typeof schema !== "object" || schema === null) return schema;
  const { description = "" } = schema as { description?: string };
  const entries = Object.entries(schema).flatMap(([key, value]) => {
    if (!kept.has(key)) return [];
    if (key === "properties")
      return [[key, Object.fromEntries(Object.entries(value).map(([name, item]) => [name, bare(item, true)]))]];
    if (key === "required" && typeof value !== "boolean") return [];
    return [[key, bare(value)]];
  });
  const required = isField && /^Required\./.test(description) ? [["required", true]] : [];
  return Object.fromEntries([...entries, ...required]);
}

function references(schema: unknown, found: Set<string>): Set<string> {
  if (typeof schema === "object" && schema !== null)
    for (const [key, value] of Object.entries(schema))
      if (key === "$ref" && typeof value === "string") found.add(value);
      else references(value, found);
  return found;
}

for (const [api, names] of Object.entries(used)) {
  const file = readdirSync(folder).find((item) => item.startsWith(`${api}__`) || item.startsWith(`${api}-`));
  if (!file) throw new Error(`there is no discovery document of ${api} in ${folder}`);
  const fullDocument: Document = JSON.parse(readFileSync(join(folder, file), "utf8"));
  const all = new Map(methodsOf({ resources: fullDocument.resources }, ""));
  const methods = names.map((name) => {
    const method = all.get(name);
    if (!method) throw new Error(`${api} has no method ${name}`);
    const parameters = Object.entries(method.parameters ?? {}).map(([key, value]) => [key, bare(value)]);
    const { httpMethod, path, flatPath, request, response } = method;
    return [
      name,
      {
        httpMethod,
        path,
        flatPath,
        parameters: Object.fromEntries(parameters),
        request: (request as Raw)?.$ref,
        response: (response as Raw)?.$ref,
      },
    ];
  });
  const reached = new Set(
    methods.flatMap(([, item]) =>
      Object.values(item as Raw).filter((ref) => typeof ref === "string" && ref in fullDocument.schemas),
    ) as string[],
  );
  for (const name of reached) references(fullDocument.schemas[name], reached);
  const { name, version, revision, rootUrl, servicePath } = fullDocument;
  const schemas = Object.fromEntries([...reached].sort().map((item) => [item, bare(fullDocument.schemas[item])]));
  const text = JSON.stringify({
    name,
    version,
    revision,
    rootUrl,
    servicePath,
    methods: Object.fromEntries(methods),
    schemas,
  });
  writeFileSync(join(import.meta.dirname, `${api}.json`), `${text}\n`);
}
