import type { z } from "zod";
import { readBytes } from "./cached-client.ts";
import { problemFromResponse, RepositoryProblemError, unreachable } from "./errors.ts";

export interface Options {
  apiUrl: string;
  fetch: typeof fetch;
  /** In ms. */
  now: () => number;
  /** Timeout of one request; 10 s by default. */
  timeoutMs?: number;
}

/** `gone` if GitHub no longer accepts the token; null if the resource does not exist for this user. */
export type AsUser = <T>(token: string, path: string, shape: z.ZodType<T>) => Promise<T | "gone" | null>;

/** Creates a lookup with a user's token. Nothing is cached: what they may see is not for others. */
export const userLookup =
  ({ apiUrl, fetch, now, timeoutMs = 10_000 }: Options): AsUser =>
  async (token, path, shape) => {
    const unavailable = (message: string, cause?: unknown) =>
      new RepositoryProblemError(unreachable(now(), message), { cause });
    const headers = {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "slipway",
      "x-github-api-version": "2022-11-28",
    };
    try {
      const response = await fetch(`${apiUrl}${path}`, { headers, signal: AbortSignal.timeout(timeoutMs) });
      const body = parse(new TextDecoder().decode(await readBytes(response.body, 1_000_000)));
      if (response.status === 401) return "gone";
      if (!response.ok) {
        const error = { status: response.status, headers: Object.fromEntries(response.headers), body };
        const problem = problemFromResponse(error, now(), true);
        if (problem) throw new RepositoryProblemError(problem);
        return null;
      }
      const parsed = shape.safeParse(body);
      if (parsed.success) return parsed.data;
      throw unavailable("GitHub's answer is not what it should be.", parsed.error);
    } catch (error) {
      if (error instanceof RepositoryProblemError) throw error;
      throw unavailable("GitHub could not be reached.", error);
    }
  };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
