// What counting costs the badge: `node bench/counting.ts`
import { compare } from "./compare.ts";
import { startWarm } from "./servers.ts";

const path = "/github.com/o/r/badge.svg";
const [without, counted] = [await startWarm(false), await startWarm(true)];
for (const [how, forwarded] of [
  ["", undefined],
  [", behind a proxy", "203.0.113.7"],
] as const)
  await compare([
    { name: `not counted${how}`, server: without, load: { path, forwarded } },
    { name: `counted${how}`, server: counted, load: { path, forwarded }, least: 0.95 },
  ]);
await Promise.all([without.stop(), counted.stop()]);
