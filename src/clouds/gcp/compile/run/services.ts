import type { App, Service } from "../../../../app.ts";
import { isInternal, publicServices } from "../../../services.ts";

/** A service with its name suffix and step. */
export interface NamedService {
  service: Service;
  suffix: string;
  step: string;
  /** Whether it serves the app's URL. */
  isPrimary: boolean;
}

/**
 * Returns the internal services, which run as sidecars of every instance of the others: Cloud Run has no private network
 * between services. If all services are internal, none is a sidecar.
 */
export const sidecarServices = ({ services }: App): Service[] =>
  services.every(isInternal) ? [] : services.filter(isInternal);

/** Returns the services that are deployed on their own. */
export const standaloneServices = (app: App): Service[] => {
  const sidecars = sidecarServices(app);
  return app.services.filter((service) => !sidecars.includes(service));
};

export function nameServices(
  app: App,
  suffix: (name: string, kind: string) => string,
  step: (name: string, kind: string) => string,
): NamedService[] {
  const primary = publicServices(app)[0];
  return standaloneServices(app).map((service) => ({
    service,
    suffix: suffix(service.name, "service"),
    step: step(service.name, "service"),
    isPrimary: service === primary,
  }));
}
