import type { Address, RepositoryProblem } from "../../repo.ts";
import { note } from "../../result.ts";

/** Carries a repository problem up to the caller that opened the repository. */
export class RepositoryProblemError extends Error {
  override name = "RepositoryProblemError";
  problem: RepositoryProblem;
  constructor(problem: RepositoryProblem, options?: ErrorOptions) {
    super(problem.note.message, options);
    this.problem = problem;
  }
}

/** An HTTP error response. */
export interface ErrorResponse {
  status: number;
  headers: Partial<Record<string, string | number>>;
  body: unknown;
}

/** Translates an error response into a problem for the visitor; null if it only means not found. */
export function problemFromResponse(
  { status, headers, body }: ErrorResponse,
  now: number,
  hasToken: boolean,
): RepositoryProblem | null {
  const message = field(body, "message");
  const block = typeof body === "object" && body !== null && "block" in body ? body.block : undefined;
  if (status === 451 || block !== undefined) return blocked(field(block, "reason"), field(block, "html_url"));
  const isLimit =
    headers["x-ratelimit-remaining"] === "0" || "retry-after" in headers || /rate limit|abuse/i.test(message);
  if (status === 429 || (status === 403 && isLimit)) return rateLimited(readRetry(headers, now), hasToken);
  if (status === 404 || status === 409 || status === 422) return null;
  if (status === 401) {
    return unreachable(
      now,
      "GitHub does not accept this server's token.",
      "Whoever runs this server has to renew GITHUB_TOKEN.",
    );
  }
  if (status === 403) return unreachable(now, `GitHub refused: ${message.slice(0, 300) || "no reason given"}`);
  return unreachable(now, `GitHub has a problem of its own (it answered ${status}).`);
}

const field = (value: unknown, key: string): string => {
  const property = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof property === "string" ? property : "";
};

// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
function readRetry(headers: ErrorResponse["headers"], now: number): Date {
  const after = Number(headers["retry-after"]);
  const reset = headers["x-ratelimit-remaining"] === "0" ? Number(headers["x-ratelimit-reset"]) * 1000 : Number.NaN;
  const requested = after > 0 ? now + after * 1000 : reset;
  const earliest = now + (Number.isFinite(requested) ? 1_000 : 60_000);
  return new Date(Math.min(Math.max(Number.isFinite(requested) ? requested : earliest, earliest), now + 3_600_000));
}

export function rateLimited(retryAt: Date, hasToken: boolean): RepositoryProblem {
  const token = hasToken
    ? ""
    : " Whoever runs this server can set GITHUB_TOKEN, which allows 5,000 requests an hour, not 60.";
  return {
    kind: "limited",
    note: note("GitHub answers no more of our questions for now: its rate limit is used up.", {
      fix: `Try again after ${retryAt.toISOString().slice(11, 16)} UTC.${token}`,
    }),
    retryAt,
  };
}

export const unreachable = (
  now: number,
  message: string,
  fix = "Try again in a minute; githubstatus.com says how GitHub is doing.",
): RepositoryProblem => ({
  kind: "unreachable",
  note: note(message, { fix }),
  retryAt: new Date(now + 10_000),
});

const blocked = (reason: string, page: string): RepositoryProblem => ({
  kind: "missing",
  note: note(`GitHub has blocked this repository${reason ? ` (${reason})` : ""}.`, {
    fix: page.startsWith("https://") ? `GitHub says why at ${page}.` : "Its owner can ask GitHub why.",
  }),
});

export const missing = ({ owner, repo }: Address): RepositoryProblem => ({
  kind: "missing",
  note: note(`GitHub has no public repository ${owner}/${repo}.`, {
    fix: "Check the spelling. It may also be private, which looks the same from outside: its owner can make it public.",
  }),
});

export const moved = (to: Address): RepositoryProblem => ({
  kind: "moved",
  note: note(`The repository has moved to ${to.owner}/${to.repo}.`, { fix: "Use the new address, also in badges." }),
  to,
});

export const noRef = (message: string, fix: string): RepositoryProblem => ({
  kind: "no-ref",
  note: note(message, { path: "ref", fix }),
});

export const tooLarge = (): RepositoryProblem => ({
  kind: "too-large",
  note: note("The repository has more files than GitHub lists (100,000).", {
    path: "path",
    fix: "Give the app's folder with ?path=, so that only that is read.",
  }),
});
