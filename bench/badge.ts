// How many badges a second: `node bench/badge.ts`
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare } from "./compare.ts";
import { startBare, startSlipway } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "slipway-badge-"));
const image = join(folder, "badge.svg");
const badge = "/local/examples/hello/badge.svg";

const slipway = await startSlipway({ probe: badge });
writeFileSync(image, await (await fetch(slipway.url + badge)).text());
const bare = await startBare(image, "image/svg+xml");
const stats = `${slipway.url}/local/examples/hello/stats`;

await compare([
  { name: "bare node:http, the same badge", server: bare, load: { path: badge } },
  { name: "warm badge, its load counted", server: slipway, load: { path: badge }, least: 0.6 },
]);
await compare([
  { name: "bare node:http, 20,000 URLs", server: bare, load: { path: `${badge}?label=App+%d`, count: 20_000 } },
  {
    name: "20,000 different badges",
    server: slipway,
    load: { path: `${badge}?label=App+%d`, count: 20_000 },
    least: 0.4,
  },
]);
await compare([
  { name: "bare node:http", server: bare, load: { path: `${badge}?x=%d`, count: 1e9 } },
  { name: "buttons that nobody asked for before", server: slipway, load: { path: `${badge}?label=%d`, count: 1e9 } },
  { name: "the same by badge-maker", server: slipway, load: { path: `${badge}?style=flat&label=%d`, count: 1e9 } },
]);

const counted = await fetch(stats, { headers: { accept: "application/json" } });
if (counted.ok) console.log("loads counted:", JSON.stringify(((await counted.json()) as { totals?: unknown }).totals));
await Promise.all([slipway.stop(), bare.stop()]);
rmSync(folder, { recursive: true });
