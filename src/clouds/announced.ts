import type { BadgeCloud } from "../../badges/logos.ts";

/** Clouds that badges and settings may name although Slipway does not deploy there yet. A cloud that arrives brings its own mark and leaves this list. */
export const announcedClouds: BadgeCloud[] = [
  {
    id: "azure",
    name: "Azure",
    ink: "M2 9a6 6 0 0 1 12 0zM0 10.5h16V12H0zM3 13.5h10V15H3z",
  },
  {
    id: "digitalocean",
    name: "DigitalOcean",
    ink: "M8 0c2.6 3 4 5 4 6.8a4 4 0 0 1-8 0C4 5 5.4 3 8 0zM0 13c2.7-2 5.3-2 8-.5s5.3 1.5 8-.5v2c-2.7 2-5.3 2-8 .5S2.7 13 0 15z",
  },
  {
    id: "heroku",
    name: "Heroku",
    ink: "M8 0l6 6-1.5 1.5L8 3 3.5 7.5 2 6zM8 5l6 6-1.5 1.5L8 8l-4.5 4.5L2 11zM7 12h2v4H7z",
  },
  {
    id: "kubernetes",
    name: "Kubernetes",
    ink: "M0 1h7v6H0zM9 1h7v6H9zM0 9h7v6H0zM9 9h7v6H9zM2 3v2h3V3zM11 3v2h3V3zM2 11v2h3v-2zM11 11v2h3v-2z",
  },
];
