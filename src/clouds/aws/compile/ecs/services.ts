import type { App, Service } from "../../../../app.ts";
import { isInternal, publicServices } from "../../../services.ts";
import type { logicalIds } from "../logical-ids.ts";

/** A service with the prefix of its logical ids. */
export interface NamedService {
  service: Service;
  id: string;
  step: string;
  /** Whether it serves the app's own address. */
  isPrimary: boolean;
}

/** Services that other services reach through Service Connect. */
export const privateServices = ({ services }: App): Service[] => services.filter(isInternal);

export function nameServices(
  app: App,
  id: ReturnType<typeof logicalIds>,
  step: (name: string, kind: string) => string,
): NamedService[] {
  const primary = publicServices(app)[0];
  return app.services.map((service) => ({
    service,
    id: id("App", service.name),
    step: step(service.name, "service"),
    isPrimary: service === primary,
  }));
}

/** Returns the name by which other services reach a private one. */
export const serviceConnectName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60) || "app";
