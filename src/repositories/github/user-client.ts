import type { Octokit } from "@octokit/core";
import type { z } from "zod";
import { OperationalError } from "../../clouds/cloud.ts";
import { readBytes } from "./cached-client.ts";
import { problemFromResponse, unreachable } from "./errors.ts";
import type { Options } from "./user-lookup.ts";

/** The user's token is no longer valid, or its scopes do not suffice. */
export class InsufficientScope extends OperationalError {
  override name = "InsufficientScope";
}

export interface UserResponse {
  status: number;
  /** GitHub's error message; empty on success. */
  message: string;
  data: unknown;
}

/** Sends a request with a user's token; the route is as in GitHub's documentation: `GET /repos/{owner}/{repo}`. */
export type UserRequest = (route: string, values: Record<string, unknown>) => Promise<UserResponse>;

/** Creates a client that acts as a user. Error responses are returned; throws an OperationalError if none comes. */
export function createUserClient({ apiUrl, fetch, now, timeoutMs = 20_000 }: Options, token: string): UserRequest {
  let octokitPromise: Promise<Octokit> | undefined;
  const client = () => {
    octokitPromise ??= import("@octokit/core").then(({ Octokit }) => {
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      return new Octokit({ baseUrl: apiUrl, auth: token, userAgent: "slipway", log, request: { fetch, log } });
    });
    return octokitPromise;
  };
  return async (route, values) => {
    const octokit = await client();
    const headers = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };
    try {
      const request = { signal: AbortSignal.timeout(timeoutMs), parseSuccessResponseBody: false };
      const { status, data } = await octokit.request(route, { ...values, headers, request });
      const bytes = await readBytes(data as ReadableStream<Uint8Array> | null, 2_000_000);
      return { status, message: "", data: JSON.parse(new TextDecoder().decode(bytes)) };
    } catch (error) {
      const response =
        error instanceof Error && "response" in error ? (error.response as RawResponse | undefined) : undefined;
      if (!response) throw asError(unreachable(now(), "GitHub could not be reached.").note, error);
      return userResponse(response, now(), error);
    }
  };
}

interface RawResponse {
  status: number;
  headers: Partial<Record<string, string | number>>;
  data: unknown;
}

const asError = ({ message, fix }: { message: string; fix: string }, cause: unknown) =>
  new OperationalError(message, fix, { cause });

function userResponse({ status, headers, data }: RawResponse, now: number, cause: unknown): UserResponse {
  const message = typeof data === "object" && data !== null && "message" in data ? String(data.message) : "";
  if (status === 401)
    throw new InsufficientScope("GitHub no longer takes what you allowed us when you signed in.", "Sign in again.", {
      cause,
    });
  const problem = problemFromResponse({ status, headers, body: data }, now, true);
  // Other 403s depend on the request, so the caller reads them.
  if (problem && (status !== 403 || problem.kind === "limited")) throw asError(problem.note, cause);
  return { status, message: message.slice(0, 500), data };
}

/** Parses a response into the expected shape; throws an OperationalError with GitHub's reason if it is an error. */
export function parseResponse<T>(response: UserResponse, shape: z.ZodType<T>): T {
  if (response.status >= 400) throw errorOf(response);
  const read = shape.safeParse(response.data);
  if (read.success) return read.data;
  throw new OperationalError("GitHub's answer is not what it should be.", "Try again in a minute.", {
    cause: read.error,
  });
}

/** Translates an error response to a write. GitHub responds 404 where a token may read but not write. */
function errorOf({ status, message }: UserResponse): OperationalError {
  const quote = message ? ` GitHub says: ${message.replace(/\s+/g, " ").slice(0, 300)}` : "";
  if (/archived/i.test(message))
    return new OperationalError(
      "The repository is archived, so nobody can change it.",
      "Its owner can unarchive it first.",
    );
  if (/OAuth App access restrictions/i.test(message))
    return new OperationalError(
      `The repository's organization lets only apps in that it has approved, and this one is not among them.${quote}`,
      "Ask an owner of the organization to approve it, or paste the text yourself.",
    );
  if (/SAML/i.test(message))
    return new OperationalError(
      `The repository's organization wants you to sign in with its own account first.${quote}`,
      "Sign in to the organization on GitHub, then sign in here again.",
    );
  if (/rule violation|protected/i.test(message))
    return new OperationalError(
      `A rule of the repository does not let this branch be made.${quote}`,
      "Allow branches called slipway-badge in the repository's rules, or paste the text yourself.",
    );
  if (/empty/i.test(message) && status === 409)
    return new OperationalError("The repository is empty.", "Push a first commit, then come back.");
  if (status === 404)
    return new InsufficientScope(
      "What you allowed us on GitHub does not let us write to this repository.",
      "Sign in again and allow it; you may push to the repository, or you would not see this page.",
    );
  return new OperationalError(
    `GitHub did not do it (it answered ${status}).${quote}`,
    "Paste the text yourself instead.",
  );
}
