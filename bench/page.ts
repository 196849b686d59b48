// How many app pages a second: `node bench/page.ts`
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare } from "./compare.ts";
import { startBare, startSlipway } from "./servers.ts";

const folder = mkdtempSync(join(tmpdir(), "slipway-page-"));
const [image, html] = [join(folder, "badge.svg"), join(folder, "page.html")];
const page = "/local/examples/hello";

const slipway = await startSlipway({ probe: page });
writeFileSync(image, await (await fetch(`${slipway.url}${page}/badge.svg`)).text());
writeFileSync(html, await (await fetch(slipway.url + page)).text());
const bare = await startBare(image, "image/svg+xml");
const barePage = await startBare(html, "text/html; charset=utf-8");

await compare([
  { name: "bare node:http, a badge", server: bare, load: { path: "/" } },
  { name: "bare node:http, the same page", server: barePage, load: { path: "/" } },
  { name: "app page of a warm repository", server: slipway, load: { path: page }, least: 0.2 },
]);
await Promise.all([slipway.stop(), bare.stop(), barePage.stop()]);
rmSync(folder, { recursive: true });
