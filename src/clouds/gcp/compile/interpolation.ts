import type { App } from "../../../app.ts";
import { portOf } from "../../services.ts";
import type { Output } from "./app-resources.ts";
import { number, type Part, region } from "./expressions.ts";
import { named } from "./names.ts";
import { companions, type Served } from "./run/services.ts";

/** What only the stack can fill: the app's own address, those of its services, and what its resources tell. */
const token = /\$\$|\$\{([\w.-]+)\}/g;
const known = /^(?:app\.(?:url|host|name)|region|cloud|service\.[\w-]+\.(?:url|host|port)|resource\.[\w-]+\.\w+)$/;

/** What may stand in a text, and from which steps it comes. */
export interface Filled {
  parts: Part[];
  hidden: boolean;
  from: string[];
}

export interface Told {
  app: App;
  services: Served[];
  /** By the name of a resource. */
  outputs: ReadonlyMap<string, Record<string, Output>>;
}

export const hasAddress = (text: string): boolean =>
  [...text.matchAll(token)].some(([, what]) => what !== undefined && known.test(what));

/** A text with its `${…}` filled in; what there is not is empty. In a text that asks for nothing, `$$` stays `$$`. */
export function addressed(told: Told, text: string): Filled {
  if (!hasAddress(text)) return { parts: [text], hidden: false, from: [] };
  return filled(text, token, (all, what) => {
    if (what === undefined) return { parts: ["$"] };
    return known.test(what) ? tell(told, what) : { parts: [all] };
  });
}

/** A resource's own text: `${url}` is its output of that name. */
export const outputOf = (tells: Record<string, Output>, text: string): Filled =>
  filled(text, /\$\{(\w+)\}/g, (_, what = "") => (Object.hasOwn(tells, what) && tells[what]) || { parts: [] });

function filled(text: string, pattern: RegExp, by: (all: string, what?: string) => Output): Filled {
  const outputs: Output[] = [];
  let end = 0;
  for (const found of text.matchAll(pattern)) {
    outputs.push({ parts: [text.slice(end, found.index)] }, by(found[0], found[1]));
    end = found.index + found[0].length;
  }
  outputs.push({ parts: [text.slice(end)] });
  return {
    parts: outputs.flatMap(({ parts }) => parts).filter((part) => part !== ""),
    hidden: outputs.some(({ hidden }) => hidden === true),
    from: [...new Set(outputs.flatMap(({ from }) => from ?? []))],
  };
}

// https://cloud.google.com/run/docs/triggering/https-request#deterministic
const hostOf = (app: App, suffix: string): Part[] => [...named(app.slug, suffix), "-", number, ".", region, ".run.app"];

/** Where the app answers; null when nothing of it is public. */
export function appHost({ app, services }: Pick<Told, "app" | "services">): Part[] | null {
  const first = services.find((one) => one.first);
  return first ? hostOf(app, first.suffix) : null;
}

function tell({ app, services, outputs }: Told, what: string): Output {
  const plain = (...parts: Part[]): Output => ({ parts });
  const host = appHost({ app, services });
  if (what === "app.url") return plain(...(host ? ["https://", ...host] : []));
  if (what === "app.host") return plain(...(host ?? []));
  if (what === "app.name") return plain(app.name);
  if (what === "region") return plain(region);
  if (what === "cloud") return plain("gcp");
  const [kind, name = "", field = ""] = what.split(".");
  if (kind === "resource") return outputs.get(name)?.[field] ?? plain();
  const beside = companions(app).find((service) => service.name === name);
  if (beside) {
    const fields = { host: "127.0.0.1", port: `${beside.port}`, url: `http://127.0.0.1:${beside.port}` };
    return plain(fields[field as keyof typeof fields]);
  }
  const found = services.find(({ service }) => service.name === name);
  if (!found || portOf(found.service) === null) return plain();
  if (field === "port") return plain("443");
  return plain(field === "url" ? "https://" : "", ...hostOf(app, found.suffix));
}
