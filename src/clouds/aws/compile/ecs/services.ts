import type { App, Service } from "../../../../app.ts";
import { isPrivate, publicServices } from "../../../services.ts";
import type { logicalIds } from "../logical-ids.ts";

/** A service with the beginning of its logical ids. */
export interface Served {
  service: Service;
  id: string;
  step: string;
  /** Whether it is the one that answers at the app's address. */
  first: boolean;
}

/** Services that others reach inside the network by their name. */
export const privateServices = ({ services }: App): Service[] => services.filter(isPrivate);

export function served(
  app: App,
  id: ReturnType<typeof logicalIds>,
  step: (name: string, kind: string) => string,
): Served[] {
  const first = publicServices(app)[0];
  return app.services.map((service) => ({
    service,
    id: id("App", service.name),
    step: step(service.name, "service"),
    first: service === first,
  }));
}

/** The name by which others reach a service that is not public. */
export const hostName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60) || "app";
