// How long a start takes, and how much memory: `node bench/start.ts`
import { median, verdict } from "./compare.ts";
import { type Server, startBare, startSlipway } from "./servers.ts";

const rounds = 7;

async function once(start: () => Promise<Server>) {
  const server = await start();
  const rss = server.rss();
  await server.stop();
  return { startup: server.startup, rss };
}

// The first start after a change takes the types out of every file; Node keeps the result for the next.
const first = await once(startSlipway);
const bare: Awaited<ReturnType<typeof once>>[] = [];
const ours: typeof bare = [];
const pages: typeof bare = [];
for (let round = 0; round < rounds; round++) {
  bare.push(await once(startBare));
  ours.push(await once(startSlipway));
  pages.push(await once(() => startSlipway({ probe: "/" })));
}
const startups = (of: typeof bare) => median(of.map(({ startup }) => startup));
const memory = (of: typeof bare) => median(of.map(({ rss }) => rss));
const ratio = median(ours.map(({ startup }, round) => startup / (bare[round]?.startup ?? Number.NaN)));

console.log(`bare node:http   ${startups(bare).toFixed(0)} ms to the first 200, ${memory(bare).toFixed(0)} MB`);
console.log(`Slipway          ${startups(ours).toFixed(0)} ms (the very first: ${first.startup.toFixed(0)} ms)`);
console.log(`start            ${ratio.toFixed(2)} x bare${verdict(ratio <= 2.5, "at most 2.5")}`);
console.log(`memory           ${memory(ours).toFixed(0)} MB${verdict(memory(ours) <= 90, "at most 90 MB")}`);
// The first page waits for the database, the readers and the pages themselves to be loaded.
console.log(`first page       ${startups(pages).toFixed(0)} ms, ${memory(pages).toFixed(0)} MB`);
