const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 0.000_001 };

/** Parses `90s`, `1m30s`, `500ms` or a number of seconds; undefined if it is none. Seconds. */
export function seconds(text: string): number | undefined {
  const duration = text.trim().slice(0, 40);
  if (/^\d+(\.\d+)?$/.test(duration)) return Number(duration) || undefined;
  if (!/^(\d+(\.\d+)?(h|ms|m|us|s))+$/.test(duration)) return undefined;
  const parts = duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|us|s)/g);
  return [...parts].reduce((sum, [, number, unit = ""]) => sum + Number(number) * (units[unit] ?? 0), 0) || undefined;
}
