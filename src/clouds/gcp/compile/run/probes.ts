import type { Service } from "../../../../app.ts";
import type { PresetSettings } from "../../presets.ts";
import type { JsonObject } from "../expressions.ts";

/** Seconds that a container may take until it answers: https://cloud.google.com/run/docs/configuring/healthchecks */
export const maxStartupSeconds = 240;
const every = 10;

/** When a service is ready; and in production, whether it is still well. */
export function probes(
  { health }: Service,
  port: number,
  { cpuAlwaysAllocated: alwaysOn }: PresetSettings,
): JsonObject {
  const asks: JsonObject = health ? { httpGet: { path: health.path, port } } : { tcpSocket: { port } };
  const timing = { periodSeconds: every, timeoutSeconds: Math.min(Math.ceil(health?.timeout ?? 5), every - 1) };
  const grace = Math.min(Math.ceil(health?.grace ?? maxStartupSeconds), maxStartupSeconds);
  return {
    startupProbe: { ...asks, ...timing, failureThreshold: Math.max(Math.ceil(grace / every), 1) },
    ...(health && alwaysOn ? { livenessProbe: { ...asks, ...timing, periodSeconds: 30, failureThreshold: 3 } } : {}),
  };
}
