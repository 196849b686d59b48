// What counting costs the badge: `node bench/counting.ts`
import { median, verdict } from "./compare.ts";
import { load } from "./load.ts";
import { startWarm } from "./servers.ts";

const path = "/github.com/o/r/badge.svg";
const rounds = 9;
const seconds = 3;

const server = await startWarm();
type Spent = Record<"counted" | "uncounted", { requests: number; cpu: number }>;
const spent = async () => (await (await fetch(`${server.url}/spent`)).json()) as Spent;

/** Microseconds of the processor for a badge. The server has one thread, so its throughput is that upside down. */
async function round(forwarded: string | undefined) {
  const before = await spent();
  const { rate } = await load(server, { path, forwarded }, seconds);
  const after = await spent();
  const cost = (of: keyof Spent) => (after[of].cpu - before[of].cpu) / (after[of].requests - before[of].requests);
  return { rate, counted: cost("counted"), uncounted: cost("uncounted") };
}

await load(server, { path }, seconds);
for (const [how, forwarded] of [
  ["reached directly", undefined],
  ["behind a proxy", "203.0.113.7"],
] as const) {
  const taken: Awaited<ReturnType<typeof round>>[] = [];
  for (let n = 0; n < rounds; n++) taken.push(await round(forwarded));
  const of = (pick: (run: (typeof taken)[number]) => number) => median(taken.map(pick));
  const ratio = of(({ counted, uncounted }) => uncounted / counted);
  const costs = `${of(({ uncounted }) => uncounted).toFixed(2)} us, counted ${of(({ counted }) => counted).toFixed(2)} us`;
  const rate = of(({ rate }) => rate).toFixed(0);
  console.log(
    `${how.padEnd(16)} ${rate.padStart(6)} badges/s, each ${costs}: ${ratio.toFixed(3)} of the throughput${verdict(ratio >= 0.95, "at least 0.95")}`,
  );
}
await server.stop();
