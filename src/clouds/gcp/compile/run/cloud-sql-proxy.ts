import { type Limits, resourceLimits } from "../../presets.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { concat, type JsonObject } from "../expressions.ts";

export const proxyName = "cloud-sql-proxy";
const image = "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.21.0";

/** Cloud Run requires one vCPU in all containers together, not in each. */
export const proxySize: Limits = { cpu: 0.5, memory: 256 };

/**
 * Builds the sidecar through which the app reaches its databases at a local address, with any library.
 * A job ends when the containers that no other depends on end; the proxy is then stopped by SIGTERM, and must not exit
 * with an error: https://cloud.google.com/run/docs/configuring/jobs/containers
 */
export function sqlProxyContainers(
  { ports }: CompileContext,
  resources: CompiledResource[],
  billing: JsonObject = {},
): JsonObject[] {
  const databases = resources.flatMap(({ cloudSqlConnection }) => cloudSqlConnection ?? []);
  if (databases.length === 0) return [];
  return [
    {
      name: proxyName,
      image,
      args: [
        "--address=127.0.0.1",
        "--structured-logs",
        "--exit-zero-on-sigterm",
        "--health-check",
        "--http-address=0.0.0.0",
        `--http-port=${ports.health}`,
        ...databases.map(({ connection, port }) => concat(connection, `?port=${port}`)),
      ],
      resources: { limits: resourceLimits(proxySize), ...billing },
      startupProbe: {
        httpGet: { path: "/startup", port: ports.health },
        periodSeconds: 2,
        timeoutSeconds: 1,
        failureThreshold: 60,
      },
    },
  ];
}
