// Our own 16 by 16 drawings in one colour. The clouds' marks are symbols, not their logos: vendors do not allow those to
// be redrawn or recoloured.

export interface Mark {
  /** Follows "Deploy to". */
  name: string;
  /** Filled path data. */
  ink: string;
  /** Path data that may have a second colour. */
  line?: string;
}

/** A cloud that a badge can be for. */
export interface BadgeCloud extends Mark {
  id: string;
}

export const slipwayMark: Mark = { name: "your cloud", ink: "M0 10 16 1v4L6 10z", line: "M1 12h14v2H1z" };

/** Returns a mark's paths on a 16 by 16 grid, for an `<svg>` or `<g>`. Safe to use as markup. */
export function markPaths(mark: Mark, ink: string, line = ink): string {
  const linePath = mark.line ? `<path fill="${line}" d="${mark.line}"/>` : "";
  return `<path fill="${ink}" fill-rule="evenodd" d="${mark.ink}"/>${linePath}`;
}
