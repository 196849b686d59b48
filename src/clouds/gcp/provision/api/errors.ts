/** An error response of Google's. Contains nothing of the request, so neither a token nor a secret. */
export class GoogleApiError extends Error {
  override name = "GoogleApiError";
  /** The HTTP status. */
  status: number;
  /** The canonical code, such as `ALREADY_EXISTS`; for older APIs, their reason. */
  code: string;
  /** Google's reason, such as `SERVICE_DISABLED` or `operationInProgress`; empty if absent. */
  reason: string;
  /** Details such as `permission` and `service`. */
  metadata: Record<string, string>;
  /** How long to wait before a retry; null if Google does not say. */
  retryAfterMs: number | null;
  constructor(message: string, { status, code, reason, metadata, retryAfterMs }: Omit<ErrorDetails, "message">) {
    super(message);
    this.status = status;
    this.code = code;
    this.reason = reason;
    this.metadata = metadata;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The request or its response was lost, so it may or may not have been carried out. */
export class NetworkError extends Error {
  override name = "NetworkError";
}

interface ErrorDetails {
  message: string;
  status: number;
  code: string;
  reason: string;
  metadata: Record<string, string>;
  retryAfterMs: number | null;
}

type JsonObject = { [key: string]: unknown };
const asObject = (value: unknown): JsonObject =>
  typeof value === "object" && value !== null ? (value as JsonObject) : {};
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const asString = (value: unknown): string => (typeof value === "string" ? value : "");

/** Converts an error of the SDK to a GoogleApiError or NetworkError. Returns any other error unchanged. */
export function toApiError(error: unknown): unknown {
  const { response, cause, message } = asObject(error);
  if (response === undefined) return isNetwork(error) || isNetwork(cause) ? new NetworkError(asString(message)) : error;
  const { data, headers, status } = asObject(response);
  const parsed = typeof data === "string" ? parse(data) : data;
  return parseErrorBody(asObject(parsed).error, Number(status), headers);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Parses the `error` of a response or of an operation. */
export function parseErrorBody(error: unknown, status: number, headers?: unknown): GoogleApiError {
  const body = asObject(error);
  const details = asList(body.details).map(asObject);
  const info = details.find((detail) => asString(detail["@type"]).endsWith("google.rpc.ErrorInfo")) ?? {};
  const retry = details.find((detail) => asString(detail["@type"]).endsWith("google.rpc.RetryInfo")) ?? {};
  // https://cloud.google.com/apis/design/errors: older APIs return `errors`, each with a reason.
  const [legacyError = {}] = asList(body.errors).map(asObject);
  const violations = details.flatMap((detail) =>
    asList(detail.violations).map((violation) => asString(asObject(violation).type)),
  );
  const metadata = Object.fromEntries(Object.entries(asObject(info.metadata)).map(([key, value]) => [key, `${value}`]));
  return new GoogleApiError(
    asString(body.message) || asString(legacyError.message) || `Google answered with ${status}`,
    {
      status,
      code:
        asString(body.status) || asString(legacyError.reason) || asString(legacyError.code) || `${body.code ?? status}`,
      reason: asString(info.reason) || asString(legacyError.reason) || violations.find((type) => type !== "") || "",
      metadata: metadata,
      retryAfterMs: milliseconds(asString(retry.retryDelay)) ?? milliseconds(retryAfterHeader(headers)),
    },
  );
}

const retryAfterHeader = (headers: unknown): string =>
  headers instanceof Headers ? (headers.get("retry-after") ?? "") : "";

/** Parses `3.5s` or `3`; null for a date. */
function milliseconds(text: string): number | null {
  const seconds = /^(\d+(?:\.\d+)?)s?$/.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function isNetwork(error: unknown): boolean {
  const { code, name, message, cause } = asObject(error);
  if (/^(ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|UND_ERR)/.test(asString(code))) return true;
  if (
    /^(TimeoutError|AbortError)$/.test(asString(name)) ||
    /^(fetch failed|terminated|socket hang up)/.test(asString(message))
  )
    return true;
  return cause !== undefined && cause !== error && isNetwork(cause);
}
