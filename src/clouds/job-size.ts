import type { App, Size } from "../app.ts";

/** The size of a job that names none. Migrations need more memory than the service, and only for minutes. */
export function defaultJobSize({ services }: App): Size {
  const size = services[0]?.size ?? "S";
  return size === "S" ? "M" : size;
}
