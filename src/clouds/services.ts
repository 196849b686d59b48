import type { App, Service } from "../app.ts";

export const publicServices = ({ services }: App): Service[] => services.filter((service) => service.public);

/** Where a service listens; null: nowhere. */
export const listeningPort = ({ port, public: open }: Service): number | null => port ?? (open ? 8080 : null);

export const isInternal = (service: Service): boolean => !service.public && service.port !== null;
