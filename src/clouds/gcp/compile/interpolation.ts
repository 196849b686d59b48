import type { App } from "../../../app.ts";
import { listeningPort } from "../../services.ts";
import type { Output } from "./compiled-resource.ts";
import { projectNumber, region, type TextPart } from "./expressions.ts";
import { resourceName } from "./names.ts";
import { type NamedService, sidecarServices } from "./run/services.ts";

/** What only the stack can fill: the app's own address, those of its services, and what its resources tell. */
const token = /\$\$|\$\{([\w.-]+)\}/g;
const known = /^(?:app\.(?:url|host|name)|region|cloud|service\.[\w-]+\.(?:url|host|port)|resource\.[\w-]+\.\w+)$/;

/** What may stand in a text, and from which steps it comes. */
export interface Interpolated {
  parts: TextPart[];
  hidden: boolean;
  from: string[];
}

export interface InterpolationScope {
  app: App;
  services: NamedService[];
  /** By the name of a resource. */
  outputs: ReadonlyMap<string, Record<string, Output>>;
}

export const hasPlaceholder = (text: string): boolean =>
  [...text.matchAll(token)].some(([, what]) => what !== undefined && known.test(what));

/** A text with its `${…}` filled in; what there is not is empty. In a text that asks for nothing, `$$` stays `$$`. */
export function interpolate(told: InterpolationScope, text: string): Interpolated {
  if (!hasPlaceholder(text)) return { parts: [text], hidden: false, from: [] };
  return filled(text, token, (all, what) => {
    if (what === undefined) return { parts: ["$"] };
    return known.test(what) ? tell(told, what) : { parts: [all] };
  });
}

/** A resource's own text: `${url}` is its output of that name. */
export const interpolateOutputs = (tells: Record<string, Output>, text: string): Interpolated =>
  filled(text, /\$\{(\w+)\}/g, (_, what = "") => (Object.hasOwn(tells, what) && tells[what]) || { parts: [] });

function filled(text: string, pattern: RegExp, by: (all: string, what?: string) => Output): Interpolated {
  const outputs: Output[] = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    outputs.push({ parts: [text.slice(end, found.index)] }, by(found[0], found[1]));
    end = found.index + found[0].length;
  }
  outputs.push({ parts: [text.slice(end)] });
  return {
    parts: outputs.flatMap(({ parts }) => parts).filter((part) => part !== ""),
    hidden: outputs.some(({ sensitive: hidden }) => hidden === true),
    from: [...new Set(outputs.flatMap(({ dependsOn: from }) => from ?? []))],
  };
}

// https://cloud.google.com/run/docs/triggering/https-request#deterministic
const hostOf = (app: App, suffix: string): TextPart[] => [
  ...resourceName(app.slug, suffix),
  "-",
  projectNumber,
  ".",
  region,
  ".run.app",
];

/** Where the app answers; null when nothing of it is public. */
export function appHost({ app, services }: Pick<InterpolationScope, "app" | "services">): TextPart[] | null {
  const first = services.find((one) => one.isPrimary);
  return first ? hostOf(app, first.suffix) : null;
}

function tell({ app, services, outputs }: InterpolationScope, what: string): Output {
  const plain = (...parts: TextPart[]): Output => ({ parts });
  const host = appHost({ app, services });
  if (what === "app.url") return plain(...(host ? ["https://", ...host] : []));
  if (what === "app.host") return plain(...(host ?? []));
  if (what === "app.name") return plain(app.name);
  if (what === "region") return plain(region);
  if (what === "cloud") return plain("gcp");
  const [kind, name = "", field = ""] = what.split(".");
  if (kind === "resource") return outputs.get(name)?.[field] ?? plain();
  const beside = sidecarServices(app).find((service) => service.name === name);
  if (beside) {
    const fields = { host: "127.0.0.1", port: `${beside.port}`, url: `http://127.0.0.1:${beside.port}` };
    return plain(fields[field as keyof typeof fields]);
  }
  const found = services.find(({ service }) => service.name === name);
  if (!found || listeningPort(found.service) === null) return plain();
  if (field === "port") return plain("443");
  return plain(field === "url" ? "https://" : "", ...hostOf(app, found.suffix));
}
