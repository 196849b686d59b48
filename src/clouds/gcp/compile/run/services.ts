import type { App, Service } from "../../../../app.ts";
import { isPrivate, publicServices } from "../../../services.ts";

/** A service with the end of its name. */
export interface Served {
  service: Service;
  suffix: string;
  step: string;
  /** Whether it is the one that answers at the app's address. */
  first: boolean;
}

/**
 * Services that others reach by their name. Cloud Run knows no network between services that needs no gateway, so each
 * instance of the others has one of them beside it. When there are no others, they are services like any.
 */
export const companions = ({ services }: App): Service[] =>
  services.every(isPrivate) ? [] : services.filter(isPrivate);

/** Services that are things of their own. */
export const standing = (app: App): Service[] => {
  const beside = companions(app);
  return app.services.filter((service) => !beside.includes(service));
};

export function served(
  app: App,
  suffix: (name: string, kind: string) => string,
  step: (name: string, kind: string) => string,
): Served[] {
  const first = publicServices(app)[0];
  return standing(app).map((service) => ({
    service,
    suffix: suffix(service.name, "service"),
    step: step(service.name, "service"),
    first: service === first,
  }));
}
