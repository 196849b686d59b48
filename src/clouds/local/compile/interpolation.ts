import type { Stack } from "../stack.ts";

/** Returns the value of a placeholder `${reference}`, including the `:port` behind it if there is one. */
export type PlaceholderResolver = (reference: string, port: string | undefined) => string;

/** `$$`, or `${…}` with an optional port behind it. */
const token = /\$\$|\$\{([\w.-]+)\}(?::(\d+))?/g;
const references = /^(?:app\.(?:url|host|name)|region|cloud|service\.[\w-]+\.(?:url|host|port)|resource\.[\w-]+\.\w+)$/;

/** Resolves the placeholders that depend on the running app. A text without any is returned unchanged, `$$` included. */
export function interpolate(text: string, resolve: PlaceholderResolver): string {
  let hasPlaceholder = false;
  const resolved = text.replace(token, (match: string, reference?: string, port?: string) => {
    if (reference === undefined) return "$";
    if (!references.test(reference)) return match;
    hasPlaceholder = true;
    return resolve(reference, port);
  });
  return hasPlaceholder ? resolved : text;
}

export function hasAddress(text: string): boolean {
  let resolved = false;
  interpolate(text, () => {
    resolved = true;
    return "";
  });
  return resolved;
}

/** Whether any variable contains the address of a service, so that ports must not change after the build. */
export const exposesPorts = ({ env, late, services }: Stack): boolean =>
  [env, late, ...services.map((service) => service.env ?? {})].some((templates) =>
    Object.values(templates).some(hasAddress),
  );

/** The key in the data of the step `source` that holds the port reserved for a service. */
export const portKey = (step: string) => `port.${step}`;

export const isListening = (service: Stack["services"][number]) => service.public || service.port !== null;
