import type { App, Resource } from "../../../../app.ts";
import { listeningPort } from "../../../services.ts";

/** The ports of the Cloud SQL proxy: one per database, and one for health checks. */
export interface Ports {
  byResource: Map<Resource, number>;
  health: number;
}

const defaultPorts = { postgres: 5432, mysql: 3306 };

/** Assigns ports that the app does not use; all containers of an instance share one network. */
export function ports({ services, resources }: App): Ports {
  const taken = new Set(services.flatMap((service) => listeningPort(service) ?? []));
  const freePort = (preferred: number) => {
    let port = preferred;
    while (taken.has(port)) port++;
    taken.add(port);
    return port;
  };
  const byResource = new Map(
    resources.flatMap((resource) =>
      resource.type === "postgres" || resource.type === "mysql"
        ? [[resource, freePort(defaultPorts[resource.type])] as const]
        : [],
    ),
  );
  return { byResource: byResource, health: freePort(9801) };
}
