import type { App, Build } from "../app.ts";

/** What the app and its services run from: images that exist, and what is to be built. */
export const used = ({ build, services, jobs }: App): Build[] => [
  ...(services.some((service) => !service.build) || jobs.length > 0 ? [build] : []),
  ...services.flatMap((service) => service.build ?? []),
];

export const key = (build: Build): string => JSON.stringify(build);

/** What has to be built, each once; images that exist already need no making. */
export function toBuild(app: App): Build[] {
  const all = used(app).filter(({ kind }) => kind !== "image");
  return [...new Map(all.map((one) => [key(one), one])).values()];
}
