import { Hono } from "hono";
import { sql } from "../src/data/drizzle.ts";
import { createStorageCheck } from "../src/data/storage-check.ts";
import type { AppContext } from "./app-context.ts";

/** Serves the liveness and readiness checks and the metrics for Prometheus. */
export function healthRoutes({ db, deployments, now, log }: AppContext) {
  const findStorageProblem = createStorageCheck(db, () => now().getTime());
  return (
    new Hono()
      .get("/up", (c) => {
        db.get(sql`SELECT 1`);
        return c.text("up\n", 200, { "Cache-Control": "no-store" });
      })
      // A full disk leaves the process alive but not ready: it serves pages but cannot store a deployment.
      .get("/ready", (c) => {
        const problem = findStorageProblem();
        if (problem !== null) log("the database cannot be written", problem);
        return c.text(
          problem === null ? "ready\n" : "not ready: the database cannot be written\n",
          problem === null ? 200 : 503,
          {
            "Cache-Control": "no-store",
          },
        );
      })
      .get("/metrics", (c) => {
        const { rss } = process.memoryUsage();
        const lines = [
          "# TYPE slipway_resident_bytes gauge",
          `slipway_resident_bytes ${rss}`,
          "# TYPE slipway_uptime_seconds gauge",
          `slipway_uptime_seconds ${process.uptime().toFixed(0)}`,
          "# TYPE slipway_deployments_active gauge",
          `slipway_deployments_active ${deployments.active()}`,
        ];
        return c.text(`${lines.join("\n")}\n`, 200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
      })
  );
}
