import { type Load, load } from "./load.ts";
import { type Server, wrk } from "./servers.ts";

export interface Contender {
  name: string;
  server: Server;
  load: Load;
  /** The least share of the bare server's rate that we want. */
  least?: number;
}

export const median = (numbers: number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const rounds = 3;
const seconds = 4;

/**
 * Loads each contender in turn, the first one being the bare server, and prints medians of three rounds. Ratios are
 * taken within a round, so that a machine which is busy with something else for a while disturbs them little.
 */
export async function compare(contenders: Contender[]): Promise<void> {
  if (!wrk) console.log("(wrk is not on the PATH: the built-in generator is slower, so ratios come out too good)");
  const rates = contenders.map((): number[] => []);
  const cpus = contenders.map((): number[] => []);
  for (const { server, load: what } of contenders) await load(server, what, Math.min(8, 2 + (what.count ?? 0) / 4000));
  for (let round = 0; round < rounds; round++)
    for (const [i, { server, load: what }] of contenders.entries()) {
      const { rate, cpu } = await load(server, what, seconds);
      rates[i]?.push(rate);
      cpus[i]?.push(cpu ?? Number.NaN);
    }
  const share = (of: number[][], i: number, invert = false) =>
    median(
      of[i]?.map((value, round) => (invert ? (of[0]?.[round] ?? 0) / value : value / (of[0]?.[round] ?? 0))) ?? [],
    );
  console.log("                                      requests/s  x bare  x bare by CPU   us CPU  MB");
  for (const [i, { name, server, least }] of contenders.entries()) {
    const ratio = share(rates, i);
    const line = [
      name.padEnd(36),
      median(rates[i] ?? [])
        .toFixed(0)
        .padStart(12),
      ratio.toFixed(2).padStart(7),
      share(cpus, i, true).toFixed(2).padStart(14),
      median(cpus[i] ?? [])
        .toFixed(1)
        .padStart(8),
      server.rss().toFixed(0).padStart(4),
    ];
    console.log(line.join(" ") + verdict(least === undefined ? null : ratio >= least, `at least ${least}`));
  }
}

/** How a goal was met, for the end of a line; a goal that is missed makes the program fail at its end. */
export function verdict(met: boolean | null, goal: string): string {
  if (met === null) return "";
  if (!met) process.exitCode = 1;
  return met ? `   good: ${goal}` : `   MISSED: ${goal}`;
}
