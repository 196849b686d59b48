import type { z } from "zod";
import { readBytes } from "./cached-client.ts";
import { problemFromResponse, RepositoryProblemError, unreachable } from "./errors.ts";

export interface Options {
  apiUrl: string;
  fetch: typeof fetch;
  /** In ms. */
  now: () => number;
  /** How long one request may take, in ms; 10 s unless told. */
  timeout?: number;
}

/** `gone`: GitHub no longer knows the token; null: there is no such thing for who asks. */
export type AsUser = <T>(token: string, path: string, shape: z.ZodType<T>) => Promise<T | "gone" | null>;

/** Asks GitHub in somebody's own name, and keeps nothing of it: what they may see is not for others. */
export const userLookup =
  ({ apiUrl, fetch, now, timeout = 10_000 }: Options): AsUser =>
  async (token, path, shape) => {
    const cannot = (message: string, cause?: unknown) =>
      new RepositoryProblemError(unreachable(now(), message), { cause });
    const headers = {
      accept: "application/vnd.github+json",
      authorization: `Bearer ${token}`,
      "user-agent": "slipway",
      "x-github-api-version": "2022-11-28",
    };
    try {
      const answer = await fetch(`${apiUrl}${path}`, { headers, signal: AbortSignal.timeout(timeout) });
      const body = parse(new TextDecoder().decode(await readBytes(answer.body, 1_000_000)));
      if (answer.status === 401) return "gone";
      if (!answer.ok) {
        const refused = { status: answer.status, headers: Object.fromEntries(answer.headers), body };
        const trouble = problemFromResponse(refused, now(), true);
        if (trouble) throw new RepositoryProblemError(trouble);
        return null;
      }
      const read = shape.safeParse(body);
      if (read.success) return read.data;
      throw cannot("GitHub's answer is not what it should be.", read.error);
    } catch (error) {
      if (error instanceof RepositoryProblemError) throw error;
      throw cannot("GitHub could not be reached.", error);
    }
  };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
