// A server with nothing but the fast path of badges, on PORT; COUNT=on has it count them as Slipway does.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { badgeFor } from "../badges/index.ts";
import { warmBadges } from "../routes/warm-badges.ts";
import { openDb } from "../src/db.ts";
import { visits } from "../src/visits.ts";

const folder = mkdtempSync(join(tmpdir(), "slipway-warm-"));
const counter = visits(openDb(join(folder, "slipway.db")), {
  now: () => new Date(),
  random: randomBytes,
  origin: "https://slipway.example",
});
const warm = warmBadges({
  render: async (url) => ({
    ...badgeFor(new URL(url, "http://here").searchParams, { kind: "ready", installs: null }),
    repo: "github.com/o/r",
  }),
  record: process.env.COUNT === "on" ? counter.badge : () => {},
  now: Date.now,
});
createServer((request, response) => warm(request, response) || response.end("up\n")).listen(
  Number(process.env.PORT),
  "127.0.0.1",
);
process.once("SIGTERM", () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
