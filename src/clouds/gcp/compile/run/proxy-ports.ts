import type { App, Resource as Needed } from "../../../../app.ts";
import { listeningPort } from "../../../services.ts";

/** Where the proxy listens beside the app: for each database, and for whoever asks whether it is well. */
export interface Ports {
  byResource: Map<Needed, number>;
  health: number;
}

const usual = { postgres: 5432, mysql: 3306 };

/** All containers of an instance share one network: nobody may listen where the app does. */
export function ports({ services, resources }: App): Ports {
  const taken = new Set(services.flatMap((service) => listeningPort(service) ?? []));
  const free = (wished: number) => {
    let port = wished;
    while (taken.has(port)) port++;
    taken.add(port);
    return port;
  };
  const of = new Map(
    resources.flatMap((needed) =>
      needed.type === "postgres" || needed.type === "mysql" ? [[needed, free(usual[needed.type])] as const] : [],
    ),
  );
  return { byResource: of, health: free(9801) };
}
