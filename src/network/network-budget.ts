import { createHash } from "node:crypto";

interface BudgetOptions {
  now: () => Date;
  random: (bytes: number) => Uint8Array;
  /** How often a client network may do something within the window, in all and for one subject. */
  limit: { total: number; perSubject: number };
  windowMs: number;
}

const maxNetworks = 50_000;

/**
 * Limits what one client network may do within a time window. Networks are kept in memory only, as hashes with a salt that
 * is discarded when the window ends. An unknown network is not limited.
 */
export function createNetworkBudget({ now, random, limit, windowMs }: BudgetOptions) {
  let window = Number.NaN;
  let salt = "";
  let used = new Map<string, number>();
  const keyOf = (...parts: string[]) =>
    createHash("sha256")
      .update(JSON.stringify([salt, ...parts]))
      .digest("base64url");

  /** Counts one use for the subject; false if the network has used up its budget. */
  return function spend(network: string, subject: string): boolean {
    if (network === "") return true;
    const current = Math.floor(now().getTime() / windowMs);
    if (current !== window || used.size >= 2 * maxNetworks) {
      window = current;
      salt = Buffer.from(random(16)).toString("base64url");
      used = new Map();
    }
    const [all, one] = [keyOf(network), keyOf(network, subject)];
    const [total = 0, forSubject = 0] = [used.get(all), used.get(one)];
    if (total >= limit.total || forSubject >= limit.perSubject) return false;
    used.set(all, total + 1).set(one, forSubject + 1);
    return true;
  };
}
