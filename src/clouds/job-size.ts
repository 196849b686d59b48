import type { App, Job, Size } from "../app.ts";

/** Returns a job's size. The default is M or that of the first service: migrations need more memory than a small service. */
export function jobSize({ services }: App, { size }: Pick<Job, "size"> = {}): Size {
  const serviceSize = services[0]?.size ?? "S";
  return size ?? (serviceSize === "S" ? "M" : serviceSize);
}
