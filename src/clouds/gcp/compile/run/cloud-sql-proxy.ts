import { type Limits, resourceLimits } from "../../presets.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { concat, type JsonObject } from "../expressions.ts";

export const proxyName = "cloud-sql-proxy";
const image = "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.21.0";

/** Cloud Run asks for a whole processor of all containers together, not of each. */
export const proxySize: Limits = { cpu: 0.5, memory: 256 };

/**
 * The container beside an app that takes it to its databases, so that any library finds them at an ordinary address.
 * A job is over when the containers are that no other depends on; the proxy is then told to stop, and must not call that
 * a failure: https://cloud.google.com/run/docs/configuring/jobs/containers
 */
export function sqlProxyContainers(
  { ports }: CompileContext,
  all: CompiledResource[],
  billing: JsonObject = {},
): JsonObject[] {
  const databases = all.flatMap(({ cloudSqlConnection: proxied }) => proxied ?? []);
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
