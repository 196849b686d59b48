// A server with nothing but the fast path of badges, on PORT. It counts as Slipway does for a moment, then not for a
// moment, and so on, and keeps apart what each costs: in one process, whatever else the machine does troubles both alike.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { badgeFor } from "../badges/index.ts";
import { createBadgeCache } from "../routes/badges/badge-cache.ts";
import { openDb } from "../src/data/db.ts";
import { createVisitCounter } from "../src/stats/visit-counter.ts";

const moment = 50;

const folder = mkdtempSync(join(tmpdir(), "slipway-warm-"));
const counter = createVisitCounter(openDb(join(folder, "slipway.db")), {
  now: () => new Date(),
  random: randomBytes,
  origin: "https://slipway.example",
  log: console.error,
});
const badge = { ...badgeFor(new URLSearchParams(), { kind: "ready", installs: null }), repo: "github.com/o/r" };
const fast = (record: typeof counter.badge) => createBadgeCache({ render: async () => badge, record, now: Date.now });
const [counted, uncounted] = [fast(counter.badge), fast(() => {})];

/** Requests, and microseconds of the processor. */
const spent = { counted: { requests: 0, cpu: 0 }, uncounted: { requests: 0, cpu: 0 } };
let counting = true;
let since = process.cpuUsage();
setInterval(() => {
  const { user, system } = process.cpuUsage(since);
  spent[counting ? "counted" : "uncounted"].cpu += user + system;
  since = process.cpuUsage();
  counting = !counting;
}, moment);

createServer((request, response) => {
  if (request.url === "/spent") return response.end(JSON.stringify(spent));
  spent[counting ? "counted" : "uncounted"].requests++;
  return (counting ? counted : uncounted)(request, response) || response.end("up\n");
}).listen(Number(process.env.PORT), "127.0.0.1");
process.once("SIGTERM", () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
