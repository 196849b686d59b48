import type { Octokit } from "@octokit/core";
import type { z } from "zod";
import type { CachedResponse, ResponseCache } from "../../data/store/http-cache.ts";
import { type ErrorResponse, problemFromResponse, RepositoryProblemError, rateLimited, unreachable } from "./errors.ts";
import { createQuota, type QuotaOptions } from "./quota.ts";

export interface Options {
  apiUrl: string;
  token?: string;
  fetch: typeof fetch;
  cache: ResponseCache;
  /** In ms. */
  now: () => number;
  /** Timeout of one request; 10 s by default. */
  timeoutMs?: number;
  clientNetwork?: QuotaOptions["clientNetwork"];
  isKnown?: QuotaOptions["isKnown"];
}

/** A response with a limit above this waits for other large ones: parsing takes many times its size in memory. */
const LARGE_BYTES = 5_000_000;

/** How long a "not found" is cached, like the snapshots; GitHub sends no ETag with it. */
const ABSENT_MS = { withToken: 30_000, without: 300_000 };
const MAX_ABSENT = 10_000;

export interface CachedRequest<T> {
  /** As in GitHub's documentation, such as `GET /repos/{owner}/{repo}`. */
  route: string;
  values: Record<string, string>;
  shape: z.ZodType<T>;
  accept?: string;
  /** Decodes the body for the shape; JSON by default. */
  decode?: (bytes: Uint8Array) => unknown;
  /** Size limit of the body; 2 MB by default. */
  maxBytes?: number;
  /** The URL names a hash, so the response never changes and is not requested again. */
  immutable?: boolean;
}

export type CachedGet = <T>(request: CachedRequest<T>) => Promise<T | null>;
export type Stream = (
  route: string,
  values: Record<string, string>,
  signal: AbortSignal,
) => Promise<ReadableStream<Uint8Array>>;

/**
 * Creates a caching GitHub client: an unchanged response costs no rate limit, and a cached one is served while GitHub
 * is down or limits us. `get` resolves to null for 404, 409 and 422; other errors throw a RepositoryProblemError.
 */
export function createCachedClient({ apiUrl, token, fetch, cache, now, timeoutMs = 10_000, ...limits }: Options): {
  get: CachedGet;
  stream: Stream;
} {
  const quota = createQuota({ ...limits, now, hasToken: token !== undefined });
  /** URLs that were not found, with the time until that counts. */
  const absent = new Map<string, number>();
  const inFlight = new Map<string, Promise<unknown>>();
  let pausedUntil = new Date(0);
  let downUntil = 0;
  let octokitPromise: Promise<Octokit> | undefined;

  function client(): Promise<Octokit> {
    octokitPromise ??= import("@octokit/core").then(({ Octokit }) => {
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const request = { fetch: limitErrorBodies(fetch), log };
      return new Octokit({ baseUrl: apiUrl.replace(/\/+$/, ""), auth: token, userAgent: "slipway", log, request });
    });
    return octokitPromise;
  }

  async function send(
    route: string,
    values: Record<string, string>,
    headers: Record<string, string>,
    signal: AbortSignal,
  ) {
    if (now() < pausedUntil.getTime()) throw new RepositoryProblemError(rateLimited(pausedUntil, token !== undefined));
    const octokit = await client();
    try {
      const response = await octokit.request(route, {
        ...values,
        headers: { "x-github-api-version": "2022-11-28", ...headers },
        request: { signal, parseSuccessResponseBody: false },
      });
      quota.observe(response.headers);
      return response;
    } catch (error) {
      const response = errorResponseOf(error);
      if (response === null)
        throw new RepositoryProblemError(unreachable(now(), "GitHub could not be reached."), { cause: error });
      quota.observe(response.headers);
      const problem = response.status === 304 ? null : problemFromResponse(response, now(), token !== undefined);
      if (problem?.kind === "limited" && problem.retryAt) pausedUntil = problem.retryAt;
      if (problem) throw new RepositoryProblemError(problem, { cause: error });
      return response.status;
    }
  }

  async function getUncoalesced<T>(url: string, request: CachedRequest<T>): Promise<T | null> {
    const cached = cache.get(url);
    const oldValue = cached && request.shape.safeParse(parse(cached.body)).data;
    if (oldValue !== undefined && (request.immutable || now() < downUntil)) return oldValue;
    if (now() < (absent.get(url) ?? 0)) return null;
    if (oldValue === undefined) quota.admit(request.values);
    return quota.run((request.maxBytes ?? 0) > LARGE_BYTES, () => fetchFresh(url, request, cached, oldValue));
  }

  async function fetchFresh<T>(
    url: string,
    request: CachedRequest<T>,
    cached: CachedResponse | undefined,
    oldValue: T | undefined,
  ): Promise<T | null> {
    const headers = {
      accept: request.accept ?? "application/vnd.github+json",
      ...(oldValue !== undefined && cached?.etag ? { "if-none-match": cached.etag } : {}),
    };
    try {
      const response = await send(request.route, request.values, headers, AbortSignal.timeout(timeoutMs));
      if (response === 304 && cached && oldValue !== undefined) {
        cache.set({ ...cached, at: new Date(now()) });
        return oldValue;
      }
      if (typeof response === "number") {
        invalidate(cached);
        absent.delete(url);
        absent.set(url, now() + (token ? ABSENT_MS.withToken : ABSENT_MS.without));
        if (absent.size > MAX_ABSENT) absent.delete(absent.keys().next().value ?? "");
        return null;
      }
      const value = await readBody(response.data, request);
      const etag = response.headers.etag ?? "";
      cache.set({ url, etag, status: response.status, body: JSON.stringify(value), at: new Date(now()) });
      return value;
    } catch (error) {
      if (!(error instanceof RepositoryProblemError)) throw error;
      const { retryAt } = error.problem;
      if (retryAt === undefined) invalidate(cached);
      if (oldValue === undefined || retryAt === undefined) throw error;
      // A page sends several requests: only the first waits for the timeout.
      downUntil = Math.min(retryAt.getTime(), now() + 10_000);
      return oldValue;
    }
  }

  /** Drops a body that GitHub no longer has or has blocked, so that an outage does not bring it back. */
  function invalidate(cached: CachedResponse | undefined): void {
    if (cached) cache.set({ ...cached, etag: "", body: "", at: new Date(now()) });
  }

  async function readBody<T>(body: unknown, { shape, decode, maxBytes = 2_000_000 }: CachedRequest<T>): Promise<T> {
    try {
      const bytes = await readBytes(body as ReadableStream<Uint8Array> | null, maxBytes);
      return shape.parse((decode ?? ((bytes) => JSON.parse(new TextDecoder().decode(bytes))))(bytes));
    } catch (error) {
      throw new RepositoryProblemError(unreachable(now(), "GitHub's answer was cut off or is not what it should be."), {
        cause: error,
      });
    }
  }

  return {
    async get(request) {
      const { url } = (await client()).request.endpoint(request.route, request.values);
      const pending = inFlight.get(url) as ReturnType<typeof getUncoalesced<never>> | undefined;
      if (pending) return pending;
      const response = getUncoalesced(url, request).finally(() => inFlight.delete(url));
      inFlight.set(url, response);
      return response;
    },
    async stream(route, values, signal) {
      const connecting = new AbortController();
      const timer = setTimeout(() => connecting.abort(), timeoutMs);
      try {
        const response = await send(route, values, {}, AbortSignal.any([signal, connecting.signal]));
        if (typeof response !== "number" && response.data) return response.data as ReadableStream<Uint8Array>;
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      } finally {
        clearTimeout(timer);
      }
      throw new RepositoryProblemError(
        unreachable(now(), "GitHub no longer has this commit.", "Start again from the app's page."),
      );
    },
  };
}

/** Returns the response inside octokit's error; null if none came. */
function errorResponseOf(error: unknown): ErrorResponse | null {
  if (!(error instanceof Error) || !("response" in error)) return null;
  const response = error.response as { status: number; headers: ErrorResponse["headers"]; data: unknown } | undefined;
  return response ? { status: response.status, headers: response.headers, body: response.data } : null;
}

/** Limits error bodies, which octokit reads to the end. */
function limitErrorBodies(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.ok) return response;
    const body = response.status === 304 ? null : await readBytes(response.body, 100_000);
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

/** Reads a body; throws a RangeError if it is longer than `maxBytes`. */
export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
