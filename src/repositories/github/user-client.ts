import type { Octokit } from "@octokit/core";
import type { z } from "zod";
import { OperationalError } from "../../clouds/cloud.ts";
import { readBytes } from "./cached-client.ts";
import { problemFromResponse, unreachable } from "./errors.ts";
import type { Options } from "./user-lookup.ts";

/** GitHub does not take what somebody gave us when they signed in, or it does not go far enough. */
export class InsufficientScope extends OperationalError {
  override name = "NotAllowed";
}

export interface UserResponse {
  status: number;
  /** GitHub's own words for a refusal. */
  message: string;
  data: unknown;
}

/** Asks GitHub with somebody's token, as its documentation writes it: `GET /repos/{owner}/{repo}`. */
export type UserRequest = (route: string, values: Record<string, unknown>) => Promise<UserResponse>;

/** GitHub as somebody sees it, to read and to change. Every answer comes back; throws a `Refusal` where there is none. */
export function createUserClient({ apiUrl, fetch, now, timeout = 20_000 }: Options, token: string): UserRequest {
  let loading: Promise<Octokit> | undefined;
  const client = () => {
    loading ??= import("@octokit/core").then(({ Octokit }) => {
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      return new Octokit({ baseUrl: apiUrl, auth: token, userAgent: "slipway", log, request: { fetch, log } });
    });
    return loading;
  };
  return async (route, values) => {
    const octokit = await client();
    const headers = { accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" };
    try {
      const request = { signal: AbortSignal.timeout(timeout), parseSuccessResponseBody: false };
      const { status, data } = await octokit.request(route, { ...values, headers, request });
      const bytes = await readBytes(data as ReadableStream<Uint8Array> | null, 2_000_000);
      return { status, message: "", data: JSON.parse(new TextDecoder().decode(bytes)) };
    } catch (error) {
      const response =
        error instanceof Error && "response" in error ? (error.response as Answer | undefined) : undefined;
      if (!response) throw wordsOf(unreachable(now(), "GitHub could not be reached.").note, error);
      return readAnswer(response, now(), error);
    }
  };
}

interface Answer {
  status: number;
  headers: Partial<Record<string, string | number>>;
  data: unknown;
}

const wordsOf = ({ message, fix }: { message: string; fix: string }, cause: unknown) =>
  new OperationalError(message, fix, { cause });

function readAnswer({ status, headers, data }: Answer, now: number, cause: unknown): UserResponse {
  const message = typeof data === "object" && data !== null && "message" in data ? String(data.message) : "";
  if (status === 401)
    throw new InsufficientScope("GitHub no longer takes what you allowed us when you signed in.", "Sign in again.", {
      cause,
    });
  const trouble = problemFromResponse({ status, headers, body: data }, now, true);
  // What else GitHub forbids depends on what was asked for.
  if (trouble && (status !== 403 || trouble.kind === "limited")) throw wordsOf(trouble.note, cause);
  return { status, message: message.slice(0, 500), data };
}

/** What GitHub said, of the expected shape; throws a `Refusal` where it refused, in words for who asked. */
export function parseResponse<T>(said: UserResponse, shape: z.ZodType<T>): T {
  if (said.status >= 400) throw refusalOf(said);
  const read = shape.safeParse(said.data);
  if (read.success) return read.data;
  throw new OperationalError("GitHub's answer is not what it should be.", "Try again in a minute.", {
    cause: read.error,
  });
}

/** GitHub's refusals to change something, by its words. It answers 404 where a token may read but not write. */
function refusalOf({ status, message }: UserResponse): OperationalError {
  const said = message ? ` GitHub says: ${message.replace(/\s+/g, " ").slice(0, 300)}` : "";
  if (/archived/i.test(message))
    return new OperationalError(
      "The repository is archived, so nobody can change it.",
      "Its owner can unarchive it first.",
    );
  if (/OAuth App access restrictions/i.test(message))
    return new OperationalError(
      `The repository's organization lets only apps in that it has approved, and this one is not among them.${said}`,
      "Ask an owner of the organization to approve it, or paste the text yourself.",
    );
  if (/SAML/i.test(message))
    return new OperationalError(
      `The repository's organization wants you to sign in with its own account first.${said}`,
      "Sign in to the organization on GitHub, then sign in here again.",
    );
  if (/rule violation|protected/i.test(message))
    return new OperationalError(
      `A rule of the repository does not let this branch be made.${said}`,
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
    `GitHub did not do it (it answered ${status}).${said}`,
    "Paste the text yourself instead.",
  );
}
