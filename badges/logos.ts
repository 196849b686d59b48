// Our own 16 by 16 drawings in one colour. The clouds' marks are symbols, not their logos: vendors do not allow those to
// be redrawn or recoloured.

interface Mark {
  /** Follows "Deploy to". */
  name: string;
  /** Filled path data. */
  ink: string;
  /** Path data that may have a second colour. */
  line?: string;
}

const slipway: Mark = { name: "your cloud", ink: "M0 10 16 1v4L6 10z", line: "M1 12h14v2H1z" };

const clouds = {
  aws: {
    name: "AWS",
    ink: "M8 1l3.5 1.8L8 4.6 4.5 2.8zM4 4l3.5 1.8v3.6L4 7.6zM12 4v3.6L8.5 9.4V5.8zM4 8.8l3.5 1.8v3.6L4 12.4zM0 10.7l3-1.6v3.7L0 14.4zM12 8.8v3.6l-3.5 1.8v-3.6zM16 10.7v3.7l-3-1.6V9.1z",
  },
  azure: { name: "Azure", ink: "M2 9a6 6 0 0 1 12 0zM0 10.5h16V12H0zM3 13.5h10V15H3z" },
  digitalocean: {
    name: "DigitalOcean",
    ink: "M8 0c2.6 3 4 5 4 6.8a4 4 0 0 1-8 0C4 5 5.4 3 8 0zM0 13c2.7-2 5.3-2 8-.5s5.3 1.5 8-.5v2c-2.7 2-5.3 2-8 .5S2.7 13 0 15z",
  },
  gcp: {
    name: "Google Cloud",
    ink: "M4 5h5v2H4zM4 9h8v2H4zM2 1h12l2 2v10l-2 2H2l-2-2V3zM2.5 3 2 3.5v9l.5.5h11l.5-.5v-9l-.5-.5z",
  },
  heroku: { name: "Heroku", ink: "M8 0l6 6-1.5 1.5L8 3 3.5 7.5 2 6zM8 5l6 6-1.5 1.5L8 8l-4.5 4.5L2 11zM7 12h2v4H7z" },
  kubernetes: {
    name: "Kubernetes",
    ink: "M0 1h7v6H0zM9 1h7v6H9zM0 9h7v6H0zM9 9h7v6H9zM2 3v2h3V3zM11 3v2h3V3zM2 11v2h3v-2zM11 11v2h3v-2z",
  },
  local: { name: "this machine", ink: "M2 2h12v9H2zM4 4v5h8V4zM0 12h16v2H0z" },
} satisfies Record<string, Mark>;

export type MarkId = keyof typeof clouds | "slipway";
export type BadgeCloud = keyof typeof clouds;

export const marks: Record<MarkId, Mark> = { slipway, ...clouds };

/** Ids of all clouds that have a mark. */
export const cloudIds: string[] = Object.keys(clouds);
export const isBadgeCloud = (id: string): id is BadgeCloud => Object.hasOwn(clouds, id);
export const cloudName = (id: BadgeCloud): string => clouds[id].name;

/** Returns a mark's paths on a 16 by 16 grid, for an `<svg>` or `<g>`. Safe to use as markup. */
export function markPaths(id: MarkId, ink: string, line = ink): string {
  const mark = marks[id];
  const linePath = mark.line ? `<path fill="${line}" d="${mark.line}"/>` : "";
  return `<path fill="${ink}" fill-rule="evenodd" d="${mark.ink}"/>${linePath}`;
}
