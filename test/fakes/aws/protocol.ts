/** An error in AWS's own words. */
export class AwsError extends Error {
  override name = "AwsError";
  code: string;
  status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The parameters of a Query protocol request: `A.member.1.B=c` is `{ A: [{ B: "c" }] }`. */
export type QueryInput = { [name: string]: string | QueryInput | (string | QueryInput)[] };

export function readQuery(form: URLSearchParams): QueryInput {
  const root: QueryInput = {};
  for (const [key, value] of form) {
    const path = key.split(".");
    let current: QueryInput = root;
    path.slice(0, -1).forEach((part) => {
      current[part] ??= {};
      current = current[part] as QueryInput;
    });
    current[path.at(-1) ?? ""] = value;
  }
  return convertLists(root) as QueryInput;
}

function convertLists(value: QueryInput[string]): QueryInput[string] {
  if (typeof value === "string" || Array.isArray(value)) return value;
  const { member } = value;
  if (member && typeof member === "object" && !Array.isArray(member))
    return Object.keys(member).map((key) => convertLists(member[key] as QueryInput) as string | QueryInput);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, convertLists(inner)]));
}

export type ResponseBody =
  | string
  | number
  | boolean
  | Date
  | null
  | undefined
  | ResponseBody[]
  | { [name: string]: ResponseBody };

const escaped = (text: string) =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/\r/g, "&#13;");

/** Formats a response as XML. A list is a series of `member` elements, unless it is `flat`, as in S3. */
export function xml(name: string, value: ResponseBody, flat = false): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) {
    if (flat) return value.map((item) => xml(name, item, flat)).join("");
    return `<${name}>${value.map((item) => xml("member", item)).join("")}</${name}>`;
  }
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`;
  if (typeof value === "object")
    return `<${name}>${Object.entries(value)
      .map(([key, inner]) => xml(key, inner, flat))
      .join("")}</${name}>`;
  return `<${name}>${escaped(`${value}`)}</${name}>`;
}

const requestId = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";

export const formatResponse = (namespace: string, action: string, result: ResponseBody) =>
  `<${action}Response xmlns="${namespace}">${result === null ? "" : xml(`${action}Result`, result)}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;

export const formatError = (namespace: string, { code, message, status }: AwsError) =>
  `<ErrorResponse xmlns="${namespace}"><Error>${xml("Type", status >= 500 ? "Receiver" : "Sender")}${xml("Code", code)}${xml("Message", message)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
