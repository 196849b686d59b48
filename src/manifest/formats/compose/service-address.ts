import type { VariableSource } from "../../components.ts";

/**
 * A value that names another service: `db`, `db:5432`, `postgres://app:secret@db:5432/app`, `http://api:3000/v1`.
 * Null when it names none.
 */
export function addressed(
  value: string,
  hosts: ReadonlyMap<string, string>,
  services: ReadonlyMap<string, string>,
): VariableSource | null {
  const [, scheme = "", login, host = "", port, tail = ""] =
    /^(?:([a-z][a-z0-9+.:-]*):\/\/)?(?:([^\s@/]*)@)?([\w.-]+?)(?::(\d{1,5}))?((?:[/?][^\s,]*)?)$/i.exec(value) ?? [];
  const resource = hosts.get(host);
  if (resource !== undefined) return { kind: "fill", resource, text: filled(scheme.toLowerCase(), login, port, tail) };
  const service = services.get(host);
  if (service === undefined || (scheme === "" && port === undefined && tail !== "")) return null;
  // A bare word may be a word that happens to be a service's name, such as `web`.
  if (scheme === "" && port === undefined) return null;
  const head = `${scheme === "" ? "" : `${scheme}://`}${login === undefined ? "" : `${login}@`}`;
  return { kind: "fixed", text: `${head}\${service.${service}.host}${port === undefined ? "" : `:${port}`}${tail}` };
}

function filled(scheme: string, login: string | undefined, port: string | undefined, tail: string): string {
  if (scheme === "") return port === undefined ? "${host}" : "${host}:${port}";
  if (scheme.startsWith("jdbc:")) return `${scheme}://\${host}:\${port}/\${name}`;
  if (/^https?$/.test(scheme)) return "${endpoint}";
  if (/^(smtp|smtps)$/.test(scheme)) return "${url}";
  if (/^redis|^valkey/.test(scheme)) {
    const [, number] = /^\/(\d{1,2})$/.exec(tail) ?? [];
    return number === undefined || number === "0" ? "${url}" : `\${url}/${number}`;
  }
  if (/^(postgres(ql)?|mysql2?|mariadb|mongodb(\+srv)?|amqps?)$/.test(scheme)) return "${url}";
  // Some libraries have a scheme of their own, such as postgresql+psycopg2.
  return login === undefined
    ? `${scheme}://\${host}:\${port}`
    : `${scheme}://\${username}:\${password}@\${host}:\${port}/\${name}`;
}
