import type { Line } from "../../plan.ts";
import type { Stack } from "./stack.ts";

/** The products behind the resource types that this machine runs. */
export const products = { postgres: "PostgreSQL", redis: "Redis" };
export type ManagedType = keyof typeof products;

/** Nothing here has a price that could change; the date is when this list was last checked. */
export const asOf = "2026-11-01";

export const lines = ({ services, resources, schedule }: Stack): Line[] => [
  ...services.map(({ name }) => ({ what: "Process", for: name, monthly: 0 })),
  ...resources.map(({ name, type }) => ({ what: products[type], for: name, monthly: 0 })),
  ...schedule.map(({ name }) => ({ what: "Scheduled command", for: name, monthly: 0 })),
];
