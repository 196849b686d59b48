type Cell = string | number | null;

/** Rows as RFC 4180 has it; the first one are the names of the columns. */
export const toCsv = (rows: Cell[][]): string => rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");

function field(cell: Cell): string {
  if (typeof cell === "number" || cell === null) return String(cell ?? "");
  // A spreadsheet would run what begins like this as a formula: https://owasp.org/www-community/attacks/CSV_Injection
  const text = /^[=+\-@\t\r\n|%]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
