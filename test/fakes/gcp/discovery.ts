import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GoogleError, invalid, notFound } from "./errors.ts";

// Validates requests and responses against Google's own discovery documents.

export type Body = { [key: string]: unknown };

export interface Schema {
  type?: string;
  format?: string;
  pattern?: string;
  enum?: string[];
  repeated?: boolean;
  required?: boolean;
  readOnly?: boolean;
  location?: "path" | "query";
  $ref?: string;
  items?: Schema;
  additionalProperties?: Schema;
  properties?: Record<string, Schema>;
}

interface Method {
  httpMethod: string;
  path: string;
  flatPath?: string;
  parameters: Record<string, Schema>;
  request?: string;
  response?: string;
}

interface Document {
  name: string;
  rootUrl: string;
  servicePath: string;
  methods: Record<string, Method>;
  schemas: Record<string, Schema>;
}

export interface ApiRequest {
  api: string;
  method: string;
  /** Such as `run.projects.locations.services.create`. */
  call: string;
  params: Record<string, string>;
  lists: Record<string, string[]>;
  body: Body;
}

export const hosts: Record<string, string> = {};
const folder = join(import.meta.dirname, "discovery");
const apis: string[] = [...Object.keys(JSON.parse(readFileSync(join(folder, "methods.json"), "utf8"))), "compute"];
const documents = new Map<string, Document>(
  apis.map((api) => {
    const document: Document = JSON.parse(readFileSync(join(folder, `${api}.json`), "utf8"));
    hosts[new URL(document.rootUrl).host] = api;
    return [api, document];
  }),
);

interface MethodPattern {
  api: string;
  name: string;
  method: Method;
  template: RegExp;
  literalLength: number;
}

/** The methods of each API, those with the longest literal path first. */
const patternsByApi = new Map<string, MethodPattern[]>();
for (const [api, { methods, servicePath }] of documents)
  for (const [name, method] of Object.entries(methods)) {
    const path = `/${servicePath}${method.path}`;
    const names: string[] = [];
    const source = path
      .split(/(\{\+?\w+\})/)
      .map((part) => {
        const [, plus, name] = /^\{(\+?)(\w+)\}$/.exec(part) ?? [];
        if (name === undefined) return RegExp.escape(part);
        names.push(name);
        return plus ? `(?<${name}>.+?)` : `(?<${name}>[^/]+?)`;
      })
      .join("");
    const candidate = {
      api,
      name,
      method,
      template: new RegExp(`^${source}$`),
      literalLength: path.replace(/\{[^}]*\}/g, "").length,
    };
    patternsByApi.set(
      api,
      [...(patternsByApi.get(api) ?? []), candidate].sort((a, b) => b.literalLength - a.literalLength),
    );
  }

const standardParameters = new Set(["alt", "prettyPrint", "fields", "quotaUser", "key", "$.xgafv"]);

/** Returns the method and parameters of a request. Throws the error that Google would return. */
export function read(api: string, request: { method: string; url: URL; path: string; text: string }): ApiRequest {
  const { method: verb, url, path, text } = request;
  const document = documents.get(api);
  const candidates = (patternsByApi.get(api) ?? []).filter(
    (candidate) => candidate.method.httpMethod === verb && candidate.template.test(path),
  );
  const candidate = candidates.find((item) => patternsHold(item, path)) ?? candidates[0];
  if (!document || !candidate)
    throw new GoogleError(notFound(`The requested URL ${path} was not found on this server (${verb}, ${api}).`));
  const { method, name } = candidate;
  const params: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const [key, value] of Object.entries(candidate.template.exec(path)?.groups ?? {}))
    params[key] = decodeURIComponent(value);
  for (const [key, value] of url.searchParams) {
    const schema = method.parameters[key];
    if (standardParameters.has(key)) continue;
    if (schema?.location !== "query")
      throw new GoogleError(
        invalid(
          `Invalid JSON payload received. Unknown name "${key}": Cannot bind query parameter. Field '${key}' could not be found in request message.`,
        ),
      );
    if (!schema.repeated && key in params) throw new GoogleError(invalid(`${key} is given twice`));
    params[key] = value;
    lists[key] = [...(lists[key] ?? []), value];
  }
  for (const [key, schema] of Object.entries(method.parameters)) {
    if (schema.required && params[key] === undefined)
      throw new GoogleError(invalid(`Required parameter: ${key}`, "required"));
    for (const value of lists[key] ?? (params[key] === undefined ? [] : [params[key]])) {
      const problems: string[] = [];
      check(document, { ...schema, repeated: false }, parseParameter(schema, value), key, problems);
      if (problems.length > 0) throw new GoogleError(invalid(problems.join("\n")));
    }
  }
  const body = bodyOf(document, candidate, text);
  return { api, method: name, call: `${api}.${name}`, params, lists, body };
}

function patternsHold({ method, template }: MethodPattern, path: string) {
  const groups = template.exec(path)?.groups ?? {};
  return Object.entries(groups).every(([key, value]) => {
    const { pattern } = method.parameters[key] ?? {};
    return pattern === undefined || new RegExp(`^(?:${pattern})$`).test(decodeURIComponent(value));
  });
}

const parseParameter = ({ type }: Schema, value: string): unknown => {
  if (type === "boolean" && /^(true|false)$/.test(value)) return value === "true";
  return (type === "integer" || type === "number") && value !== "" ? Number(value) : value;
};

function bodyOf(document: Document, { method }: MethodPattern, text: string): Body {
  if (method.request === undefined) {
    if (text !== "" && text !== "{}") throw new GoogleError(invalid("Request has a body, and the method takes none."));
    return {};
  }
  let value: unknown;
  try {
    value = text === "" ? {} : JSON.parse(text);
  } catch {
    throw new GoogleError(invalid("Invalid JSON payload received. Unexpected token."));
  }
  const problems: string[] = [];
  const clean = check(document, { $ref: method.request }, value, "", problems);
  if (problems.length > 0) throw new GoogleError(invalid(problems.join("\n")));
  return clean as Body;
}

const locationOf = (path: string) => (path === "" ? "" : ` at '${path}'`);

/** Returns the value without read-only fields, which Google ignores, and adds its problems to the list. */
function check(document: Document, schema: Schema, value: unknown, path: string, problems: string[]): unknown {
  if (value === null || value === undefined) return undefined;
  const mismatch = (type: string) => {
    problems.push(`Invalid value${locationOf(path)} (${type}), ${JSON.stringify(value)}`);
    return undefined;
  };
  if (schema.$ref) {
    const target = document.schemas[schema.$ref];
    if (!target) throw new Error(`${document.name} has no schema ${schema.$ref}`);
    return check(document, target, value, path, problems);
  }
  switch (schema.type) {
    case "any":
      return value;
    case "boolean":
      return typeof value === "boolean" ? value : mismatch("TYPE_BOOL");
    case "integer":
    case "number": {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      if (typeof number !== "number" || Number.isNaN(number)) return mismatch(`TYPE_${schema.format?.toUpperCase()}`);
      return schema.type === "integer" && !Number.isInteger(number)
        ? mismatch(`TYPE_${schema.format?.toUpperCase()}`)
        : number;
    }
    case "string":
      return text(schema, value, path, problems, mismatch);
    case "array":
      if (!Array.isArray(value)) return mismatch("list");
      return value.map((item, index) => check(document, schema.items ?? {}, item, `${path}[${index}]`, problems));
    default:
      return object(document, schema, value, path, problems);
  }
}

function text(
  { format, pattern, enum: values }: Schema,
  value: unknown,
  path: string,
  problems: string[],
  mismatch: (type: string) => undefined,
): unknown {
  if (/^u?int64$/.test(format ?? "")) return /^-?\d+$/.test(`${value}`) ? `${value}` : mismatch("TYPE_INT64");
  if (typeof value !== "string") return mismatch("TYPE_STRING");
  if (format === "byte" && !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value))
    return mismatch("TYPE_BYTES), Base64 decoding failed for (");
  if (format === "google-duration" && !/^-?\d+(\.\d{1,9})?s$/.test(value))
    return mismatch("type.googleapis.com/google.protobuf.Duration");
  if (/date-?time/.test(format ?? "") && Number.isNaN(Date.parse(value)))
    return mismatch("type.googleapis.com/google.protobuf.Timestamp");
  if (values && !values.includes(value)) return mismatch("an enum");
  if (pattern && !new RegExp(`^(?:${pattern})$`).test(value))
    problems.push(`Invalid value${locationOf(path)}: '${value}' does not match '${pattern}'`);
  return value;
}

function object(document: Document, schema: Schema, value: unknown, path: string, problems: string[]): unknown {
  if (typeof value !== "object" || Array.isArray(value) || value === null) {
    problems.push(`Invalid value${locationOf(path)} (an object), ${JSON.stringify(value)}`);
    return undefined;
  }
  const { properties = {}, additionalProperties } = schema;
  const clean: Body = {};
  for (const [key, item] of Object.entries(value)) {
    const inner = properties[key] ?? additionalProperties;
    const innerPath = path === "" ? key : `${path}.${key}`;
    if (!inner)
      problems.push(`Invalid JSON payload received. Unknown name "${key}"${locationOf(path)}: Cannot find field.`);
    else {
      const checked = check(document, inner, item, innerPath, problems);
      if (!inner.readOnly && checked !== undefined) clean[key] = checked;
    }
  }
  // An existing resource must have a name; a new one gets it from the URL.
  for (const [key, { required, readOnly }] of Object.entries(properties))
    if (required && !readOnly && clean[key] === undefined && !(path === "" && key === "name"))
      problems.push(`Required field ${path === "" ? key : `${path}.${key}`} not set.`);
  return clean;
}

/** Returns the problems of a fake's response: everything that its schema does not allow. */
export function responseProblems({ api, method }: ApiRequest, answer: unknown): string[] {
  const document = documents.get(api);
  const { response } = document?.methods[method] ?? {};
  if (!document || !response) return [];
  const problems: string[] = [];
  check(document, { $ref: response }, answer, "", problems);
  return problems.filter((item) => !item.startsWith("Required field"));
}
