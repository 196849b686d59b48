/** What Google says no with. It holds nothing of what was asked: no token, no secret. */
export class GoogleApiError extends Error {
  override name = "Refused";
  /** Of HTTP. */
  status: number;
  /** The canonical code, such as `ALREADY_EXISTS`, or what an older API calls its reason. */
  code: string;
  /** Why, in one word of Google's, such as `SERVICE_DISABLED` or `operationInProgress`; or empty. */
  reason: string;
  /** What it is about, such as `permission` and `service`. */
  metadata: Record<string, string>;
  /** Milliseconds to wait, where Google says so. */
  retryAfterMs: number | null;
  constructor(message: string, { status, code, reason, about, after }: Omit<Said, "message">) {
    super(message);
    this.status = status;
    this.code = code;
    this.reason = reason;
    this.metadata = about;
    this.retryAfterMs = after;
  }
}

/** The request never arrived, or its answer was lost: it may have been done, or not. */
export class NetworkError extends Error {
  override name = "Lost";
}

interface Said {
  message: string;
  status: number;
  code: string;
  reason: string;
  about: Record<string, string>;
  after: number | null;
}

type Bag = { [key: string]: unknown };
const bag = (value: unknown): Bag => (typeof value === "object" && value !== null ? (value as Bag) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const word = (value: unknown): string => (typeof value === "string" ? value : "");

/** What came of a request that was not answered with what was asked for; anything else is a bug and stays itself. */
export function toApiError(error: unknown): unknown {
  const { response, cause, message } = bag(error);
  if (response === undefined) return isNetwork(error) || isNetwork(cause) ? new NetworkError(word(message)) : error;
  const { data, headers, status } = bag(response);
  const parsed = typeof data === "string" ? parse(data) : data;
  return parseErrorBody(bag(parsed).error, Number(status), headers);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** From the `error` of an answer or of an operation. */
export function parseErrorBody(error: unknown, status: number, headers?: unknown): GoogleApiError {
  const said = bag(error);
  const details = list(said.details).map(bag);
  const info = details.find((one) => word(one["@type"]).endsWith("google.rpc.ErrorInfo")) ?? {};
  const retry = details.find((one) => word(one["@type"]).endsWith("google.rpc.RetryInfo")) ?? {};
  // https://cloud.google.com/apis/design/errors: older APIs have `errors` with a reason each.
  const [old = {}] = list(said.errors).map(bag);
  const violated = details.flatMap((one) => list(one.violations).map((some) => word(bag(some).type)));
  const about = Object.fromEntries(Object.entries(bag(info.metadata)).map(([key, value]) => [key, `${value}`]));
  return new GoogleApiError(word(said.message) || word(old.message) || `Google answered with ${status}`, {
    status,
    code: word(said.status) || word(old.reason) || word(old.code) || `${said.code ?? status}`,
    reason: word(info.reason) || word(old.reason) || violated.find((one) => one !== "") || "",
    about,
    after: milliseconds(word(retry.retryDelay)) ?? milliseconds(headerOf(headers)),
  });
}

const headerOf = (headers: unknown): string => (headers instanceof Headers ? (headers.get("retry-after") ?? "") : "");

/** `3.5s` or `3`; a date is not waited for. */
function milliseconds(text: string): number | null {
  const seconds = /^(\d+(?:\.\d+)?)s?$/.exec(text)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function isNetwork(error: unknown): boolean {
  const { code, name, message, cause } = bag(error);
  if (/^(ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|UND_ERR)/.test(word(code))) return true;
  if (/^(TimeoutError|AbortError)$/.test(word(name)) || /^(fetch failed|terminated|socket hang up)/.test(word(message)))
    return true;
  return cause !== undefined && cause !== error && isNetwork(cause);
}
