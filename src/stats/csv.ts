type Cell = string | number | null;

/** Encodes rows as CSV (RFC 4180); the first row holds the column names. */
export const toCsv = (rows: Cell[][]): string => rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");

/** Encodes rows as CSV, a page of rows at a time. */
export function* csvPages(rows: Cell[][], pageSize = 200): Generator<string> {
  for (let start = 0; start < rows.length; start += pageSize) yield toCsv(rows.slice(start, start + pageSize));
}

function field(cell: Cell): string {
  if (typeof cell === "number" || cell === null) return String(cell ?? "");
  // A spreadsheet would run such a cell as a formula: https://owasp.org/www-community/attacks/CSV_Injection
  const text = /^[=+\-@\t\r\n|%]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
