const nicknames: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const bounds: readonly (readonly [number, number])[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
];
const names = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat";
const range = new RegExp(`^(\\*|\\d{1,2}|${names})(?:-(\\d{1,2}|${names}))?(?:/(\\d{1,2}))?$`);

/** Normalizes a schedule to five cron fields and translates nicknames such as `@daily`; null if invalid. */
export function cronOf(text: string): string | null {
  const normalized = text.trim().toLowerCase();
  if (Object.hasOwn(nicknames, normalized)) return nicknames[normalized] ?? null;
  const fields = normalized.split(/\s+/);
  return fields.length === 5 && fields.every(isField) ? fields.join(" ") : null;
}

function isField(field: string, index: number): boolean {
  const [low, high] = bounds[index] ?? [0, 59];
  return field.split(",").every((part) => {
    const [, from, to, step] = range.exec(part) ?? [];
    if (from === undefined || (from === "*" && to !== undefined) || step === "0") return false;
    return [from, to].every((edge) => edge === undefined || !/^\d+$/.test(edge) || (+edge >= low && +edge <= high));
  });
}
