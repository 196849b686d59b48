import { listeningPort } from "../../services.ts";
import type { Value } from "../cloudformation.ts";
import type { CompileContext } from "./context.ts";
import { serviceConnectName } from "./ecs/services.ts";
import { fnJoin, getAtt, ref } from "./intrinsics.ts";
import { appHost, appUrl } from "./resources/cloudfront.ts";

/** Placeholders that only the stack can fill. */
export const placeholder = /\$\{(app\.url|app\.host|region|cloud|service\.[\w-]+\.(?:host|port))\}/;

/** Replaces the placeholders in a text. An unknown address becomes empty. */
export function interpolate(context: CompileContext, text: string): Value {
  const parts = text.split(placeholder);
  return fnJoin(parts.map((part, index) => (index % 2 === 0 ? part : address(context, part))));
}

function address({ app, services }: CompileContext, name: string): Value {
  if (name === "app.url") return appUrl(app) ?? "";
  if (name === "app.host") return appHost(app) ?? "";
  if (name === "region") return ref("AWS::Region");
  if (name === "cloud") return "aws";
  const [, serviceName, field] = name.split(".");
  const match = services.find(({ service }) => service.name === serviceName);
  if (!match) return "";
  const { service, id, isPrimary } = match;
  if (field === "port") return service.public ? "443" : `${listeningPort(service) ?? ""}`;
  if (!service.public) return serviceConnectName(service.name);
  return isPrimary ? (appHost(app) ?? "") : getAtt(`${id}Distribution`, "DomainName");
}
