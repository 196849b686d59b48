import type { App } from "../../../app.ts";
import { listeningPort } from "../../services.ts";
import type { Output } from "./compiled-resource.ts";
import { projectNumber, region, type TextPart } from "./expressions.ts";
import { resourceName } from "./names.ts";
import { type NamedService, sidecarServices } from "./run/services.ts";

/** Placeholders that only the stack can resolve: URLs of the app and its services, outputs of its resources. */
const placeholder = /\$\$|\$\{([\w.-]+)\}/g;
const knownPlaceholder =
  /^(?:app\.(?:url|host|name)|region|cloud|service\.[\w-]+\.(?:url|host|port)|resource\.[\w-]+\.\w+)$/;

/** A text with its placeholders resolved to references, and the steps they depend on. */
export interface Interpolated {
  parts: TextPart[];
  sensitive: boolean;
  dependsOn: string[];
}

export interface InterpolationScope {
  app: App;
  services: NamedService[];
  /** By the name of a resource. */
  outputs: ReadonlyMap<string, Record<string, Output>>;
}

export const hasPlaceholder = (text: string): boolean =>
  [...text.matchAll(placeholder)].some(([, name]) => name !== undefined && knownPlaceholder.test(name));

/** Resolves the `${…}` in a text; unknown ones become empty. `$$` becomes `$` only in a text with placeholders. */
export function interpolate(scope: InterpolationScope, text: string): Interpolated {
  if (!hasPlaceholder(text)) return { parts: [text], sensitive: false, dependsOn: [] };
  return replacePlaceholders(text, placeholder, (match, name) => {
    if (name === undefined) return { parts: ["$"] };
    return knownPlaceholder.test(name) ? resolvePlaceholder(scope, name) : { parts: [match] };
  });
}

/** Resolves the `${…}` in a resource's own variable to its outputs, by name. */
export const interpolateOutputs = (outputs: Record<string, Output>, text: string): Interpolated =>
  replacePlaceholders(
    text,
    /\$\{(\w+)\}/g,
    (_, name = "") => (Object.hasOwn(outputs, name) && outputs[name]) || { parts: [] },
  );

function replacePlaceholders(
  text: string,
  pattern: RegExp,
  resolve: (match: string, name?: string) => Output,
): Interpolated {
  const outputs: Output[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    outputs.push({ parts: [text.slice(end, match.index)] }, resolve(match[0], match[1]));
    end = match.index + match[0].length;
  }
  outputs.push({ parts: [text.slice(end)] });
  return {
    parts: outputs.flatMap(({ parts }) => parts).filter((part) => part !== ""),
    sensitive: outputs.some(({ sensitive }) => sensitive === true),
    dependsOn: [...new Set(outputs.flatMap(({ dependsOn }) => dependsOn ?? []))],
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

/** Returns the host of the app; null if it has no public service. */
export function appHost({ app, services }: Pick<InterpolationScope, "app" | "services">): TextPart[] | null {
  const primary = services.find((service) => service.isPrimary);
  return primary ? hostOf(app, primary.suffix) : null;
}

function resolvePlaceholder({ app, services, outputs }: InterpolationScope, placeholderName: string): Output {
  const plain = (...parts: TextPart[]): Output => ({ parts });
  const host = appHost({ app, services });
  if (placeholderName === "app.url") return plain(...(host ? ["https://", ...host] : []));
  if (placeholderName === "app.host") return plain(...(host ?? []));
  if (placeholderName === "app.name") return plain(app.name);
  if (placeholderName === "region") return plain(region);
  if (placeholderName === "cloud") return plain("gcp");
  const [kind, name = "", field = ""] = placeholderName.split(".");
  if (kind === "resource") return outputs.get(name)?.[field] ?? plain();
  const sidecar = sidecarServices(app).find((service) => service.name === name);
  if (sidecar) {
    const fields = { host: "127.0.0.1", port: `${sidecar.port}`, url: `http://127.0.0.1:${sidecar.port}` };
    return plain(fields[field as keyof typeof fields]);
  }
  const target = services.find(({ service }) => service.name === name);
  if (!target || listeningPort(target.service) === null) return plain();
  if (field === "port") return plain("443");
  return plain(field === "url" ? "https://" : "", ...hostOf(app, target.suffix));
}
