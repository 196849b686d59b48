import type { Stack } from "../stack.ts";

/** What stands for the `${…}` it is given, with the port behind it. */
export type Tell = (what: string, port: string | undefined) => string;

/** `$$`, or a `${…}` with the port behind it. */
const token = /\$\$|\$\{([\w.-]+)\}(?::(\d+))?/g;
const known = /^(?:app\.(?:url|host|name)|region|cloud|service\.[\w-]+\.(?:url|host|port)|resource\.[\w-]+\.\w+)$/;

/** A text with what only a running app can know filled in. In a text that asks for nothing of it, `$$` stays `$$`. */
export function addressed(text: string, tell: Tell): string {
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
  addressed(text, () => {
    any = true;
    return "";
  });
  return any;
}

/** Whether anything of the app is told where its services listen, so that their ports must not change any more. */
export const isTold = ({ env, late, services }: Stack): boolean =>
  [env, late, ...services.map((one) => one.env ?? {})].some((texts) => Object.values(texts).some(hasAddress));

/** In the data of the step `source`: the port that a service will have, known before anything runs. */
export const portKey = (step: string) => `port.${step}`;

export const listens = (service: Stack["services"][number]) => service.public || service.port !== null;
