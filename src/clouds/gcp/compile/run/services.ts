import type { App, Service } from "../../../../app.ts";
import { isInternal, publicServices } from "../../../services.ts";

/** A service with the end of its name. */
export interface NamedService {
  service: Service;
  suffix: string;
  step: string;
  /** Whether it is the one that answers at the app's address. */
  isPrimary: boolean;
}

/**
 * Services that others reach by their name. Cloud Run knows no network between services that needs no gateway, so each
 * instance of the others has one of them beside it. When there are no others, they are services like any.
 */
export const sidecarServices = ({ services }: App): Service[] =>
  services.every(isInternal) ? [] : services.filter(isInternal);

/** Services that are things of their own. */
export const standaloneServices = (app: App): Service[] => {
  const beside = sidecarServices(app);
  return app.services.filter((service) => !beside.includes(service));
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
