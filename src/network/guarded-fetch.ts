import type { LookupAddress } from "node:dns";
import { Agent, type ClientRequest, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { note, ok, problems, type Result } from "../result.ts";
import { type AllowedNetwork, classifyAddress, isAllowed } from "./ip-ranges.ts";

export interface GuardedFetchOptions {
  reach: AllowedNetwork;
  /** Returns every address of a name; called once per request. */
  resolve(hostname: string): Promise<LookupAddress[]>;
  limits?: Partial<Limits>;
  /** Also requests public addresses over http, whose responses are not trusted. */
  allowHttp?: boolean;
  /**
   * Sends https requests through the operator's proxy, which connects where this machine cannot. A name that this
   * machine resolves must still be allowed; other names are the proxy's to judge.
   */
  viaProxy?: typeof fetch | undefined;
}

/** In ms and bytes. */
interface Limits {
  connectMs: number;
  headersMs: number;
  totalMs: number;
  headerBytes: number;
  bodyBytes: number;
}

const defaultLimits: Limits = {
  connectMs: 5_000,
  headersMs: 10_000,
  totalMs: 15_000,
  headerBytes: 8192,
  bodyBytes: 1024,
};

export interface FetchRequest {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** The status and the beginning of the body, undecoded; or a sentence on why no response came. */
export type FetchResult = { ok: true; status: number; body: Buffer } | { ok: false; reason: string };
export type GuardedFetch = (input: FetchRequest) => Promise<FetchResult>;

const maxUrlLength = 2000;
// https://fetch.spec.whatwg.org/#port-blocking: other protocols that may misread an HTTP request.
const blockedPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Validates a URL by its spelling, without resolving its name. */
export function validateTarget(text: string, reach: AllowedNetwork, allowHttp = false): Result<URL> {
  const reject = (message: string, fix: string) => problems(note(message, { path: "url", fix }));
  const example = "Write a whole address, such as https://example.com/hooks/slipway.";
  if (text.length > maxUrlLength)
    return reject("This address is too long.", `Write one of at most ${maxUrlLength} letters.`);
  const url = URL.parse(text);
  if (!url) return reject("This is no address of a web server.", example);
  const { protocol, hostname, port } = url;
  if (protocol !== "https:" && protocol !== "http:") return reject("Only https addresses are asked.", example);
  if (protocol === "http:" && reach === "public" && !allowHttp)
    return reject("Over http anybody on the way could read it, so only https addresses are asked.", example);
  if (url.username || url.password)
    return reject("An address with a user name or password in it is not asked.", "Put what is secret into the path.");
  const number = Number(port || (protocol === "https:" ? 443 : 80));
  if ((number < 1024 && number !== 443 && number !== 80) || blockedPorts.has(number))
    return reject(`Port ${number} is for something else than web servers.`, "Use 443, 80 or one above 1023.");
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address)) return isAllowed(address, reach) ? ok(url) : reject(refusal(address, reach), example);
  if (hostname.endsWith(".")) return reject("The name ends in a dot.", "Leave the dot out.");
  if (!hostname.includes(".") && reach === "public")
    return reject(`${hostname.slice(0, 100)} is a name of this network only.`, example);
  return ok(url);
}

const refusal = (address: string, reach: AllowedNetwork) =>
  classifyAddress(address) === "never"
    ? `${address} is an address that is never asked.`
    : `${address} is not a public address${reach === "loopback" ? " nor this machine's" : ""}.`;

/**
 * Creates the fetch for URLs from strangers. Every address of the name is checked, and only checked addresses are
 * connected to. It follows no redirects, uses no proxy but `viaProxy`, decompresses nothing and keeps no connections.
 */
export function guardedFetch({
  reach,
  resolve,
  limits: overrides = {},
  allowHttp = false,
  viaProxy,
}: GuardedFetchOptions): GuardedFetch {
  const limits = { ...defaultLimits, ...overrides };
  return async function fetchGuarded({ url: text, method, headers, body }) {
    const checked = validateTarget(text, reach, allowHttp);
    if (!checked.ok) return { ok: false, reason: checked.problems[0]?.message ?? "" };
    const url = checked.value;
    const deadline = Date.now() + limits.totalMs;
    const target = await resolveAddresses(url, { reach, resolve, allowHttp }, limits.connectMs);
    if (viaProxy && url.protocol === "https:" && ("addresses" in target || target.isUnknown))
      return sendViaProxy(viaProxy, url, { method, headers, body }, limits);
    if ("reason" in target) return { ok: false, reason: target.reason };
    return send(url, target.addresses, { method, headers, body }, limits, Math.max(1, deadline - Date.now()));
  };
}

async function resolveAddresses(
  url: URL,
  { reach, resolve, allowHttp }: Pick<GuardedFetchOptions, "reach" | "resolve" | "allowHttp">,
  timeoutMs: number,
): Promise<{ addresses: LookupAddress[] } | { reason: string; isUnknown?: true }> {
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  const resolved = family ? [{ address: literal, family }] : await withTimeout(timeoutMs, resolve(url.hostname));
  if (!resolved?.length)
    return { reason: `${url.hostname} was not found: its name leads to no address.`, isUnknown: true };
  const bad = resolved.find(({ address }) => !isAllowed(address, reach));
  if (bad)
    return { reason: family ? refusal(literal, reach) : `${url.hostname} leads to ${refusal(bad.address, reach)}` };
  if (url.protocol === "http:" && !allowHttp && resolved.some(({ address }) => classifyAddress(address) === "public"))
    return { reason: "Over http anybody on the way could read it, so public addresses are asked over https only." };
  return { addresses: resolved };
}

async function withTimeout<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, milliseconds, null);
  });
  return Promise.race([promise.catch(() => null), late]).finally(() => clearTimeout(timer));
}

function send(
  url: URL,
  addresses: LookupAddress[],
  { method, headers, body }: Omit<FetchRequest, "url">,
  limits: Limits,
  totalMs: number,
): Promise<FetchResult> {
  const pinnedLookup: LookupFunction = (_, { all, family }, callback) => {
    const [first] = addresses.filter((address) => !family || address.family === family);
    if (all) callback(null, addresses);
    else if (first) callback(null, first.address, first.family);
    else callback(new Error("no address of that family"), "", 0);
  };
  const isTls = url.protocol === "https:";
  // Its own agent: the global one keeps connections and reads proxies from the environment.
  const agent = isTls ? new TlsAgent({ keepAlive: false }) : new Agent({ keepAlive: false });
  const options = {
    method,
    agent,
    lookup: pinnedLookup,
    maxHeaderSize: limits.headerBytes,
    headers: {
      ...headers,
      "accept-encoding": "identity",
      ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    },
  };
  return new Promise((resolveResult) => {
    const outgoing: ClientRequest = isTls
      ? tlsRequest(url, { ...options, rejectUnauthorized: true })
      : request(url, options);
    const settleWith = (result: FetchResult) => {
      for (const timer of [slowConnect, slowHeaders, slowTotal]) clearTimeout(timer);
      resolveResult(result);
      outgoing.destroy();
      agent.destroy();
    };
    const fail = (reason: string) => settleWith({ ok: false, reason });
    let finish = () => fail(`No answer within ${seconds(totalMs)}.`);
    const slowConnect = setTimeout(() => fail(`No connection within ${seconds(limits.connectMs)}.`), limits.connectMs);
    const slowHeaders = setTimeout(() => fail(`No answer within ${seconds(limits.headersMs)}.`), limits.headersMs);
    const slowTotal = setTimeout(() => finish(), totalMs);
    outgoing.on("socket", (socket) =>
      socket.once(isTls ? "secureConnect" : "connect", () => clearTimeout(slowConnect)),
    );
    outgoing.on("error", (error) => fail(describeError(error)));
    outgoing.on("upgrade", () => fail("It wanted to speak something else than HTTP."));
    outgoing.on("response", (response) => {
      clearTimeout(slowHeaders);
      // The status is enough: a body that is long, slow or cut off is read as far as possible.
      const chunks: Buffer[] = [];
      let bytes = 0;
      finish = () =>
        settleWith({
          ok: true,
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).subarray(0, limits.bodyBytes),
        });
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes >= limits.bodyBytes) finish();
      });
      response.on("end", finish).on("error", finish);
    });
    outgoing.end(body);
  });
}

async function sendViaProxy(
  fetch: typeof globalThis.fetch,
  url: URL,
  { method, headers, body }: Omit<FetchRequest, "url">,
  limits: Limits,
): Promise<FetchResult> {
  try {
    const signal = AbortSignal.timeout(limits.totalMs);
    const response = await fetch(url, { method, headers, body, redirect: "manual", signal });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= limits.bodyBytes) break;
    }
    return { ok: true, status: response.status, body: Buffer.concat(chunks).subarray(0, limits.bodyBytes) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    if (error instanceof Error && error.name === "TimeoutError")
      return { ok: false, reason: `No answer within ${seconds(limits.totalMs)}.` };
    return { ok: false, reason: describeError(cause as NodeJS.ErrnoException) };
  }
}

const seconds = (milliseconds: number) => `${Math.round(milliseconds / 1000)} seconds`;

const messages: Record<string, string> = {
  ECONNREFUSED: "Nobody listens there: the connection was refused.",
  ECONNRESET: "The connection was cut off before an answer came.",
  EHOSTUNREACH: "There is no way to that address from here.",
  ENETUNREACH: "There is no way to that address from here.",
  ETIMEDOUT: "No connection was made in time.",
  HPE_HEADER_OVERFLOW: "The headers of the answer were too long.",
  CERT_HAS_EXPIRED: "Its certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "Its certificate is signed by nobody who is known.",
  ERR_TLS_CERT_ALTNAME_INVALID: "Its certificate is for another name.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "Its certificate is signed by nobody who is known.",
  SELF_SIGNED_CERT_IN_CHAIN: "Its certificate is signed by nobody who is known.",
};

/** Describes a connection error; several failed addresses share one error. */
function describeError(error: NodeJS.ErrnoException): string {
  const code = error.code ?? "";
  return (
    messages[code] ??
    (code.startsWith("HPE_") ? "What it answered is no HTTP." : `It could not be asked (${code || "no reason given"}).`)
  );
}
