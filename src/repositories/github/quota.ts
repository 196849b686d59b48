import { RepositoryProblemError, rateLimited, unreachable } from "./errors.ts";
import { createGate, QueueFull } from "./gate.ts";

export interface QuotaOptions {
  /** In ms. */
  now: () => number;
  hasToken: boolean;
  /** Returns the network of the client that is being served; undefined for background work. */
  clientNetwork?: (() => string | undefined) | undefined;
  /** Returns whether a repository has been deployable before, by owner and name. */
  isKnown?: ((owner: string, repo: string) => boolean) | undefined;
}

const hour = 3_600_000;
/** Uncached requests an hour for one client network: some twenty repositories with a token, two without. */
const perNetwork = { withToken: 300, without: 30 };
/** The last part of GitHub's limit, which only known repositories may use. */
const reservedShare = 0.2;
const maxNetworks = 50_000;

export type Quota = ReturnType<typeof createQuota>;

/**
 * Shares GitHub's rate limit: at most eight requests at once, one large response at a time, a budget of uncached requests
 * per client network, and a reserve for repositories that have been deployable. Downloads of deployments are exempt.
 */
export function createQuota({ now, hasToken, clientNetwork = () => undefined, isKnown = () => false }: QuotaOptions) {
  const budget = hasToken ? perNetwork.withToken : perNetwork.without;
  const requests = createGate(8, 200);
  const largeResponses = createGate(1, 50);
  let networks = new Map<string, number>();
  let hourEnds = 0;
  let remaining = { count: Number.POSITIVE_INFINITY, limit: 0, resetsAt: 0 };

  /** Throws a `limited` problem if a request for which nothing is cached may not be sent. */
  function admit({ owner = "", repo = "" }: Record<string, string>): void {
    if (now() >= hourEnds) {
      networks = new Map();
      hourEnds = now() + hour;
    }
    const isReserved = now() < remaining.resetsAt && remaining.count < remaining.limit * reservedShare;
    if (isReserved && !isKnown(owner, repo))
      throw new RepositoryProblemError(rateLimited(new Date(remaining.resetsAt), hasToken));
    const network = clientNetwork();
    if (!network) return;
    const used = networks.get(network) ?? 0;
    if (used >= budget) throw new RepositoryProblemError(rateLimited(new Date(hourEnds), hasToken));
    if (used === 0 && networks.size >= maxNetworks) networks.delete(networks.keys().next().value ?? "");
    networks.set(network, used + 1);
  }

  async function run<T>(isLarge: boolean, task: () => Promise<T>): Promise<T> {
    try {
      // The large gate first: a queue of large responses must not hold the places of small ones.
      return await (isLarge ? largeResponses(() => requests(task)) : requests(task));
    } catch (error) {
      if (!(error instanceof QueueFull)) throw error;
      throw new RepositoryProblemError(unreachable(now(), "Too many repositories are being read at once."));
    }
  }

  /** Learns GitHub's limit from the headers of a response. */
  function observe(headers: Partial<Record<string, string | number>>): void {
    const [count, limit, reset] = ["remaining", "limit", "reset"].map((name) => Number(headers[`x-ratelimit-${name}`]));
    if (Number.isFinite(count) && Number.isFinite(limit) && Number.isFinite(reset))
      remaining = { count: count as number, limit: limit as number, resetsAt: (reset as number) * 1000 };
  }

  return { admit, run, observe };
}
