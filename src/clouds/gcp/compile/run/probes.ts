import type { Service } from "../../../../app.ts";
import type { PresetSettings } from "../../presets.ts";
import type { JsonObject } from "../expressions.ts";

/** The longest time for a container to start, in seconds: https://cloud.google.com/run/docs/configuring/healthchecks */
export const maxStartupSeconds = 240;
const periodSeconds = 10;

/** Builds the startup probe; with CPU always allocated, the liveness probe too. */
export function probes(
  { health }: Service,
  port: number,
  { cpuAlwaysAllocated: alwaysOn }: PresetSettings,
): JsonObject {
  const check: JsonObject = health ? { httpGet: { path: health.path, port } } : { tcpSocket: { port } };
  const timing = {
    periodSeconds: periodSeconds,
    timeoutSeconds: Math.min(Math.ceil(health?.timeout ?? 5), periodSeconds - 1),
  };
  const grace = Math.min(Math.ceil(health?.grace ?? maxStartupSeconds), maxStartupSeconds);
  return {
    startupProbe: { ...check, ...timing, failureThreshold: Math.max(Math.ceil(grace / periodSeconds), 1) },
    ...(health && alwaysOn ? { livenessProbe: { ...check, ...timing, periodSeconds: 30, failureThreshold: 3 } } : {}),
  };
}
