import type { VariableSource } from "../../components.ts";

/**
 * Binds a value that names another service: `db`, `db:5432`, `postgres://app:secret@db:5432/app`, `http://api:3000/v1`.
 * Returns null if it names none.
 */
export function bindAddress(
  value: string,
  hosts: ReadonlyMap<string, string>,
  services: ReadonlyMap<string, string>,
): VariableSource | null {
  const [, scheme = "", login, host = "", port, suffix = ""] =
    /^(?:([a-z][a-z0-9+.:-]*):\/\/)?(?:([^\s@/]*)@)?([\w.-]+?)(?::(\d{1,5}))?((?:[/?][^\s,]*)?)$/i.exec(value) ?? [];
  const resource = hosts.get(host);
  if (resource !== undefined)
    return { kind: "fill", resource, text: resourceText(scheme.toLowerCase(), login, port, suffix) };
  const service = services.get(host);
  if (service === undefined || (scheme === "" && port === undefined && suffix !== "")) return null;
  // A bare word may only happen to equal a service's name, such as `web`.
  if (scheme === "" && port === undefined) return null;
  const prefix = `${scheme === "" ? "" : `${scheme}://`}${login === undefined ? "" : `${login}@`}`;
  return {
    kind: "fixed",
    text: `${prefix}\${service.${service}.host}${port === undefined ? "" : `:${port}`}${suffix}`,
  };
}

function resourceText(scheme: string, login: string | undefined, port: string | undefined, suffix: string): string {
  if (scheme === "") return port === undefined ? "${host}" : "${host}:${port}";
  if (scheme.startsWith("jdbc:")) return `${scheme}://\${host}:\${port}/\${name}`;
  if (/^https?$/.test(scheme)) return "${endpoint}";
  if (/^(smtp|smtps)$/.test(scheme)) return "${url}";
  if (/^redis|^valkey/.test(scheme)) {
    const [, number] = /^\/(\d{1,2})$/.exec(suffix) ?? [];
    return number === undefined || number === "0" ? "${url}" : `\${url}/${number}`;
  }
  if (/^(postgres(ql)?|mysql2?|mariadb|mongodb(\+srv)?|amqps?)$/.test(scheme)) return "${url}";
  // Some libraries define their own scheme, such as postgresql+psycopg2.
  return login === undefined
    ? `${scheme}://\${host}:\${port}`
    : `${scheme}://\${username}:\${password}@\${host}:\${port}/\${name}`;
}
