import type { Stack } from "../stack.ts";

/** What stands for the `${…}` it is given, with the port behind it. */
export type PlaceholderResolver = (what: string, port: string | undefined) => string;

/** `$$`, or a `${…}` with the port behind it. */
const token = /\$\$|\$\{([\w.-]+)\}(?::(\d+))?/g;
const known = /^(?:app\.(?:url|host|name)|region|cloud|service\.[\w-]+\.(?:url|host|port)|resource\.[\w-]+\.\w+)$/;

/** A text with what only a running app can know filled in. In a text that asks for nothing of it, `$$` stays `$$`. */
export function interpolate(text: string, tell: PlaceholderResolver): string {
  let any = false;
  const whole = text.replace(token, (all: string, what?: string, port?: string) => {
    if (what === undefined) return "$";
    if (!known.test(what)) return all;
    any = true;
    return tell(what, port);
  });
  return any ? whole : text;
}

export function hasAddress(text: string): boolean {
  let any = false;
  interpolate(text, () => {
    any = true;
    return "";
  });
  return any;
}

/** Whether anything of the app is told where its services listen, so that their ports must not change any more. */
export const exposesPorts = ({ env, late, services }: Stack): boolean =>
  [env, late, ...services.map((one) => one.env ?? {})].some((texts) => Object.values(texts).some(hasAddress));

/** In the data of the step `source`: the port that a service will have, known before anything runs. */
export const portKey = (step: string) => `port.${step}`;

export const isListening = (service: Stack["services"][number]) => service.public || service.port !== null;
