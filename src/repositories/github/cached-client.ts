import type { Octokit } from "@octokit/core";
import type { z } from "zod";
import type { Responses, Stored } from "../../data/store/http-cache.ts";
import { type ErrorResponse, problemFromResponse, RepositoryProblemError, rateLimited, unreachable } from "./errors.ts";

export interface Options {
  apiUrl: string;
  token?: string;
  fetch: typeof fetch;
  responses: Responses;
  /** In ms. */
  now: () => number;
  /** How long one request may take, in ms; 10 s unless told. */
  timeout?: number;
}

export interface CachedRequest<T> {
  /** As GitHub's documentation writes it, such as `GET /repos/{owner}/{repo}`. */
  route: string;
  values: Record<string, string>;
  shape: z.ZodType<T>;
  accept?: string;
  /** The bytes as a value for the shape; JSON unless told. */
  decode?: (bytes: Uint8Array) => unknown;
  /** At most that many bytes; 2 MB unless told. */
  most?: number;
  /** The answer can never change, as the URL names a hash: it is not asked for again. */
  forever?: boolean;
}

export type CachedGet = <T>(question: CachedRequest<T>) => Promise<T | null>;
export type Stream = (
  route: string,
  values: Record<string, string>,
  signal: AbortSignal,
) => Promise<ReadableStream<Uint8Array>>;

/**
 * Asks GitHub, and remembers: an unchanged answer costs no rate limit, and when GitHub is down or we have asked too
 * much, an older answer is better than none. `ask` gives null where there is nothing (404, 409, 422); whatever else
 * is wrong is thrown as `Troubled`.
 */
export function createCachedClient({ apiUrl, token, fetch, responses, now, timeout = 10_000 }: Options): {
  ask: CachedGet;
  stream: Stream;
} {
  const running = new Map<string, Promise<unknown>>();
  let pausedUntil = new Date(0);
  let downUntil = 0;
  let loading: Promise<Octokit> | undefined;

  function client(): Promise<Octokit> {
    loading ??= import("@octokit/core").then(({ Octokit }) => {
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      const request = { fetch: withShortErrors(fetch), log };
      return new Octokit({ baseUrl: apiUrl.replace(/\/+$/, ""), auth: token, userAgent: "slipway", log, request });
    });
    return loading;
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
      return await octokit.request(route, {
        ...values,
        headers: { "x-github-api-version": "2022-11-28", ...headers },
        request: { signal, parseSuccessResponseBody: false },
      });
    } catch (error) {
      const refused = readError(error);
      if (refused === null)
        throw new RepositoryProblemError(unreachable(now(), "GitHub could not be reached."), { cause: error });
      const trouble = refused.status === 304 ? null : problemFromResponse(refused, now(), token !== undefined);
      if (trouble?.kind === "limited" && trouble.retryAt) pausedUntil = trouble.retryAt;
      if (trouble) throw new RepositoryProblemError(trouble, { cause: error });
      return refused.status;
    }
  }

  async function askNow<T>(url: string, question: CachedRequest<T>): Promise<T | null> {
    const stored = responses.get(url);
    const old = stored && question.shape.safeParse(parse(stored.body)).data;
    if (old !== undefined && (question.forever || now() < downUntil)) return old;
    const headers = {
      accept: question.accept ?? "application/vnd.github+json",
      ...(old !== undefined && stored?.etag ? { "if-none-match": stored.etag } : {}),
    };
    try {
      const answer = await send(question.route, question.values, headers, AbortSignal.timeout(timeout));
      if (answer === 304 && stored && old !== undefined) {
        responses.set({ ...stored, at: new Date(now()) });
        return old;
      }
      if (typeof answer === "number") {
        forget(stored);
        return null;
      }
      const value = await readAnswer(answer.data, question);
      const etag = answer.headers.etag ?? "";
      responses.set({ url, etag, status: answer.status, body: JSON.stringify(value), at: new Date(now()) });
      return value;
    } catch (error) {
      if (!(error instanceof RepositoryProblemError)) throw error;
      const { retryAt } = error.trouble;
      if (retryAt === undefined) forget(stored);
      if (old === undefined || retryAt === undefined) throw error;
      // One page asks several questions: it waits for the first of them, not for each.
      downUntil = Math.min(retryAt.getTime(), now() + 10_000);
      return old;
    }
  }

  /** What GitHub no longer has, or has blocked, does not come back with the next outage. */
  function forget(stored: Stored | undefined): void {
    if (stored) responses.set({ ...stored, etag: "", body: "", at: new Date(now()) });
  }

  async function readAnswer<T>(body: unknown, { shape, decode, most = 2_000_000 }: CachedRequest<T>): Promise<T> {
    try {
      const bytes = await readBytes(body as ReadableStream<Uint8Array> | null, most);
      return shape.parse((decode ?? ((all) => JSON.parse(new TextDecoder().decode(all))))(bytes));
    } catch (error) {
      throw new RepositoryProblemError(unreachable(now(), "GitHub's answer was cut off or is not what it should be."), {
        cause: error,
      });
    }
  }

  return {
    async ask(question) {
      const { url } = (await client()).request.endpoint(question.route, question.values);
      const same = running.get(url) as ReturnType<typeof askNow<never>> | undefined;
      if (same) return same;
      const answer = askNow(url, question).finally(() => running.delete(url));
      running.set(url, answer);
      return answer;
    },
    async stream(route, values, signal) {
      const waiting = new AbortController();
      const timer = setTimeout(() => waiting.abort(), timeout);
      try {
        const answer = await send(route, values, {}, AbortSignal.any([signal, waiting.signal]));
        if (typeof answer !== "number" && answer.data) return answer.data as ReadableStream<Uint8Array>;
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

/** The answer inside octokit's error; null when there was none. */
function readError(error: unknown): ErrorResponse | null {
  if (!(error instanceof Error) || !("response" in error)) return null;
  const response = error.response as { status: number; headers: ErrorResponse["headers"]; data: unknown } | undefined;
  return response ? { status: response.status, headers: response.headers, body: response.data } : null;
}

/** Octokit reads the body of a refusal whole, however long it is. */
function withShortErrors(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    if (response.ok) return response;
    const body = response.status === 304 ? null : await readBytes(response.body, 100_000);
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

export async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > most) throw new RangeError(`more than ${most} bytes`);
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
