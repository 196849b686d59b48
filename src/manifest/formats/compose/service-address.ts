import type { VariableSource } from "../../components.ts";
import { connectionText, keywordDsn, mysqlDsn } from "../../infer/connection-strings.ts";

type Names = ReadonlyMap<string, string>;

/** Words that name a driver where they are a whole value: `DB_CONNECTION: mysql`, `CACHE_DRIVER: redis`. */
const driver =
  /^(mysql2?|mariadb|postgres(ql)?|pgsql|pg|redis|valkey|predis|phpredis|mongo(db)?|memcached?|amqp|rabbitmq|sqlite3?|s3|minio|smtp)$/i;
const hostName = /(HOST|HOSTNAME|HOSTS|SERVER|SERVERS|ADDR|ADDRESS|NODES?|BROKERS?|ENDPOINT)$/i;

/**
 * Binds a value that names another service: `db`, `db:5432`, `postgres://app:secret@db:5432/app`, `http://api:3000/v1`,
 * or a longer text that contains its address. Returns null if it names none.
 */
export function bindAddress(value: string, hosts: Names, services: Names, name = ""): VariableSource | null {
  const dsn = keywordDsn(value, hosts) ?? mysqlDsn(value, hosts);
  if (dsn) return { kind: "fill", ...dsn };
  const [, scheme = "", login, host = "", port, suffix = ""] =
    /^(?:([a-z][a-z0-9+.:-]*):\/\/)?(?:([^\s@/]*)@)?([\w.-]+?)(?::(\d{1,5}))?((?:[/?][^\s,]*)?)$/i.exec(value) ?? [];
  const isBare = scheme === "" && port === undefined && suffix === "" && login === undefined;
  if (isBare && driver.test(value) && !hostName.test(name)) return null;
  const resource = hosts.get(host);
  if (resource !== undefined)
    return { kind: "fill", resource, text: connectionText({ scheme: scheme.toLowerCase(), login, port, suffix }) };
  const service = services.get(host);
  if (service === undefined || (scheme === "" && port === undefined && suffix !== ""))
    return embeddedAddress(value, hosts, services);
  // A bare word may only happen to equal a service's name, such as `web`.
  if (isBare) return hostName.test(name) ? { kind: "fixed", text: `\${service.${service}.host}` } : null;
  const prefix = `${scheme === "" ? "" : `${scheme}://`}${login === undefined ? "" : `${login}@`}`;
  return {
    kind: "fixed",
    text: `${prefix}\${service.${service}.host}${port === undefined ? "" : `:${port}`}${suffix}`,
  };
}

/** Replaces addresses inside a longer text: `-Dapp.store=http://store:8080`, `db:5432,cache:6379`. */
function embeddedAddress(value: string, hosts: Names, services: Names): VariableSource | null {
  const resources = new Set<string>();
  let found = false;
  // A host counts behind `//` or `@`, or with a port.
  const text = value.replace(
    /(\/\/|@)?(?<![\w.-])([A-Za-z0-9][\w.-]{0,62})(:\d{1,5})?(?![\w-])/g,
    (match: string, before = "", host: string, port = "") => {
      if (before === "" && port === "") return match;
      const service = services.get(host);
      const resource = hosts.get(host);
      if (service === undefined && resource === undefined) return match;
      found = true;
      if (service !== undefined) return `${before}\${service.${service}.host}${port}`;
      resources.add(resource ?? "");
      return `${before}\${host}${port === "" ? "" : ":${port}"}`;
    },
  );
  const [resource] = resources;
  if (!found || resources.size > 1) return null;
  // One value is either filled by a resource or made of services; a text of both cannot be expressed.
  if (resource === undefined) return { kind: "fixed", text };
  return /\$\{service\./.test(text) ? null : { kind: "fill", resource, text };
}
