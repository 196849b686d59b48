import { portOf } from "../../services.ts";
import type { Value } from "../cloudformation.ts";
import type { Setting } from "./context.ts";
import { hostName } from "./ecs/services.ts";
import { att, joined, ref } from "./intrinsics.ts";
import { appHost, appUrl } from "./resources/cloudfront.ts";

/** What only the stack can fill: the app's own address, and those of its services. */
export const addresses = /\$\{(app\.url|app\.host|region|cloud|service\.[\w-]+\.(?:host|port))\}/;

/** A text with the addresses in it filled in; one that there is not is empty. */
export function addressed(setting: Setting, text: string): Value {
  const parts = text.split(addresses);
  return joined(parts.map((part, index) => (index % 2 === 0 ? part : address(setting, part))));
}

function address({ app, services }: Setting, name: string): Value {
  if (name === "app.url") return appUrl(app) ?? "";
  if (name === "app.host") return appHost(app) ?? "";
  if (name === "region") return ref("AWS::Region");
  if (name === "cloud") return "aws";
  const [, wanted, what] = name.split(".");
  const found = services.find(({ service }) => service.name === wanted);
  if (!found) return "";
  const { service, id, first } = found;
  if (what === "port") return service.public ? "443" : `${portOf(service) ?? ""}`;
  if (!service.public) return hostName(service.name);
  return first ? (appHost(app) ?? "") : att(`${id}Distribution`, "DomainName");
}
