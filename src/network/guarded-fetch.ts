import type { LookupAddress } from "node:dns";
import { Agent, type ClientRequest, request } from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { note, ok, problems, type Result } from "../result.ts";
import { type AllowedNetwork, classifyAddress, isAllowed } from "./ip-ranges.ts";

export interface GuardedFetchOptions {
  reach: AllowedNetwork;
  /** Every address of a name; asked once for each request. */
  resolve(hostname: string): Promise<LookupAddress[]>;
  limits?: Partial<Limits>;
}

/** In ms and bytes. */
interface Limits {
  connect: number;
  headers: number;
  whole: number;
  headerBytes: number;
  bodyBytes: number;
}

const usual: Limits = { connect: 5_000, headers: 10_000, whole: 15_000, headerBytes: 8192, bodyBytes: 1024 };

export interface FetchRequest {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: string;
}

/** What came back: the status and the beginning of the body as it was sent, or a sentence on why nothing did. */
export type FetchResult = { ok: true; status: number; body: Buffer } | { ok: false; reason: string };
export type GuardedFetch = (asked: FetchRequest) => Promise<FetchResult>;

const longestUrl = 2000;
// https://fetch.spec.whatwg.org/#port-blocking: what listens there may take a request for something else.
const badPorts = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
]);

/** Whether we would ask there at all, as far as its spelling tells. */
export function validateTarget(text: string, reach: AllowedNetwork): Result<URL> {
  const no = (message: string, fix: string) => problems(note(message, { path: "url", fix }));
  const example = "Write a whole address, such as https://example.com/hooks/slipway.";
  if (text.length > longestUrl) return no("This address is too long.", `Write one of at most ${longestUrl} letters.`);
  const url = URL.parse(text);
  if (!url) return no("This is no address of a web server.", example);
  const { protocol, hostname, port } = url;
  if (protocol !== "https:" && protocol !== "http:") return no("Only https addresses are asked.", example);
  if (protocol === "http:" && reach === "public")
    return no("Over http anybody on the way could read it, so only https addresses are asked.", example);
  if (url.username || url.password)
    return no("An address with a user name or password in it is not asked.", "Put what is secret into the path.");
  const number = Number(port || (protocol === "https:" ? 443 : 80));
  if ((number < 1024 && number !== 443 && number !== 80) || badPorts.has(number))
    return no(`Port ${number} is for something else than web servers.`, "Use 443, 80 or one above 1023.");
  const address = hostname.replace(/^\[|\]$/g, "");
  if (isIP(address)) return isAllowed(address, reach) ? ok(url) : no(refusal(address, reach), example);
  if (hostname.endsWith(".")) return no("The name ends in a dot.", "Leave the dot out.");
  if (!hostname.includes(".") && reach === "public")
    return no(`${hostname.slice(0, 100)} is a name of this network only.`, example);
  return ok(url);
}

const refusal = (address: string, reach: AllowedNetwork) =>
  classifyAddress(address) === "never"
    ? `${address} is an address that is never asked.`
    : `${address} is not a public address${reach === "loopback" ? " nor this machine's" : ""}.`;

/**
 * The one way to ask an address that a stranger gave. Every address of its name is checked, and only those that were
 * checked are connected to. Redirects are not followed, proxies not used, nothing unpacked, no connection kept.
 */
export function guardedFetch({ reach, resolve, limits = {} }: GuardedFetchOptions): GuardedFetch {
  const most = { ...usual, ...limits };
  return async function fetchGuarded({ url: text, method, headers, body }) {
    const checked = validateTarget(text, reach);
    if (!checked.ok) return { ok: false, reason: checked.problems[0]?.message ?? "" };
    const url = checked.value;
    const deadline = Date.now() + most.whole;
    const found = await addressesOf(url, reach, resolve, most.connect);
    if ("why" in found) return { ok: false, reason: found.why };
    return ask(url, found.addresses, { method, headers, body }, most, Math.max(1, deadline - Date.now()));
  };
}

async function addressesOf(
  url: URL,
  reach: AllowedNetwork,
  resolve: GuardedFetchOptions["resolve"],
  patience: number,
): Promise<{ addresses: LookupAddress[] } | { why: string }> {
  const literal = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(literal);
  const asked = family ? [{ address: literal, family }] : await within(patience, resolve(url.hostname));
  if (!asked?.length) return { why: `${url.hostname} was not found: its name leads to no address.` };
  const bad = asked.find(({ address }) => !isAllowed(address, reach));
  if (bad) return { why: family ? refusal(literal, reach) : `${url.hostname} leads to ${refusal(bad.address, reach)}` };
  if (url.protocol === "http:" && asked.some(({ address }) => classifyAddress(address) === "public"))
    return { why: "Over http anybody on the way could read it, so public addresses are asked over https only." };
  return { addresses: asked };
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, milliseconds, null);
  });
  return Promise.race([promise.catch(() => null), late]).finally(() => clearTimeout(timer));
}

function ask(
  url: URL,
  addresses: LookupAddress[],
  { method, headers, body }: Omit<FetchRequest, "url">,
  most: Limits,
  whole: number,
): Promise<FetchResult> {
  const pinned: LookupFunction = (_, { all, family }, answer) => {
    const [first] = addresses.filter((one) => !family || one.family === family);
    if (all) answer(null, addresses);
    else if (first) answer(null, first.address, first.family);
    else answer(new Error("no address of that family"), "", 0);
  };
  const isTls = url.protocol === "https:";
  // An agent of its own: the global one would keep the connection, and take proxies from the environment.
  const agent = isTls ? new TlsAgent({ keepAlive: false }) : new Agent({ keepAlive: false });
  const options = {
    method,
    agent,
    lookup: pinned,
    maxHeaderSize: most.headerBytes,
    headers: {
      ...headers,
      "accept-encoding": "identity",
      ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    },
  };
  return new Promise((settle) => {
    const asking: ClientRequest = isTls
      ? tlsRequest(url, { ...options, rejectUnauthorized: true })
      : request(url, options);
    const done = (fetched: FetchResult) => {
      for (const timer of [slowConnect, slowHeaders, slowWhole]) clearTimeout(timer);
      settle(fetched);
      asking.destroy();
      agent.destroy();
    };
    const giveUp = (why: string) => done({ ok: false, reason: why });
    let finish = () => giveUp(`No answer within ${seconds(whole)}.`);
    const slowConnect = setTimeout(() => giveUp(`No connection within ${seconds(most.connect)}.`), most.connect);
    const slowHeaders = setTimeout(() => giveUp(`No answer within ${seconds(most.headers)}.`), most.headers);
    const slowWhole = setTimeout(() => finish(), whole);
    asking.on("socket", (socket) => socket.once(isTls ? "secureConnect" : "connect", () => clearTimeout(slowConnect)));
    asking.on("error", (error) => giveUp(inWords(error)));
    asking.on("upgrade", () => giveUp("It wanted to speak something else than HTTP."));
    asking.on("response", (response) => {
      clearTimeout(slowHeaders);
      // The status is the answer: a body that is long, slow or broken off is read as far as it goes.
      const start: Buffer[] = [];
      let bytes = 0;
      finish = () =>
        done({ ok: true, status: response.statusCode ?? 0, body: Buffer.concat(start).subarray(0, most.bodyBytes) });
      response.on("data", (chunk: Buffer) => {
        start.push(chunk);
        bytes += chunk.length;
        if (bytes >= most.bodyBytes) finish();
      });
      response.on("end", finish).on("error", finish);
    });
    asking.end(body);
  });
}

const seconds = (milliseconds: number) => `${Math.round(milliseconds / 1000)} seconds`;

const words: Record<string, string> = {
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

/** Several addresses that were all tried fail together. */
function inWords(error: NodeJS.ErrnoException): string {
  const code = error.code ?? "";
  return (
    words[code] ??
    (code.startsWith("HPE_") ? "What it answered is no HTTP." : `It could not be asked (${code || "no reason given"}).`)
  );
}
