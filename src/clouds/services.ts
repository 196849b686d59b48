import type { App, Service } from "../app.ts";

export const publicServices = ({ services }: App): Service[] => services.filter((service) => service.public);

/** Returns the port a service listens on; null if it does not listen. */
export const listeningPort = ({ port, public: isPublic }: Service): number | null => port ?? (isPublic ? 8080 : null);

export const isInternal = (service: Service): boolean => !service.public && service.port !== null;
