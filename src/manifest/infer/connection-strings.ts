/** Parts of a connection string that names a resource. */
interface ConnectionParts {
  scheme: string;
  login: string | undefined;
  port: string | undefined;
  /** Path and query. */
  suffix: string;
}

/** Returns the template of a connection string, with the author's scheme and query. */
export function connectionText({ scheme, login, port, suffix }: ConnectionParts): string {
  if (scheme === "") return port === undefined ? "${host}" : "${host}:${port}";
  const query = suffix.includes("?") ? suffix.slice(suffix.indexOf("?")) : "";
  if (scheme.startsWith("jdbc:")) return `${scheme}://\${host}:\${port}/\${name}${query}`;
  if (/^https?$/.test(scheme)) return "${endpoint}";
  if (/^(smtp|smtps)$/.test(scheme)) return "${url}";
  // Whether Redis has TLS is up to the cloud, and so is its scheme.
  if (/^redis|^valkey/.test(scheme)) {
    const [, number] = /^\/(\d{1,2})(?:\?|$)/.exec(suffix) ?? [];
    return `\${url}${number === undefined || number === "0" ? "" : `/${number}`}${query}`;
  }
  if (/^(mongodb(\+srv)?|amqps?)$/.test(scheme)) return query === "" ? "${url}" : `\${url}${query}`;
  if (/^(postgres|mysql)$/.test(scheme) && query === "") return "${url}";
  // Libraries insist on their own scheme: postgresql, postgresql+asyncpg, mysql2.
  return login === undefined && !/sql|maria/.test(scheme)
    ? `${scheme}://\${host}:\${port}${query}`
    : `${scheme}://\${username}:\${password}@\${host}:\${port}/\${name}${query}`;
}

const outputOfKeyword: Record<string, string> = {
  host: "${host}",
  server: "${host}",
  "data source": "${host}",
  port: "${port}",
  user: "${username}",
  "user id": "${username}",
  userid: "${username}",
  username: "${username}",
  uid: "${username}",
  password: "${password}",
  pwd: "${password}",
  dbname: "${name}",
  database: "${name}",
  "initial catalog": "${name}",
};

/** Binds `host=db user=app password=x dbname=y sslmode=disable`, or the form with `;` that .NET uses; null for others. */
export function keywordDsn(
  value: string,
  hosts: ReadonlyMap<string, string>,
): { resource: string; text: string } | null {
  if (value.length > 2000 || !/(^|[\s;])(host|server|data source)\s?=/i.test(value)) return null;
  const separator = value.includes(";") ? ";" : " ";
  let resource: string | undefined;
  const parts = value.split(separator).map((part) => {
    const equals = part.indexOf("=");
    const key = part.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    const output = Object.hasOwn(outputOfKeyword, key) ? outputOfKeyword[key] : undefined;
    if (output === undefined) return part;
    if (output === "${host}") resource ??= hosts.get(part.slice(equals + 1).trim());
    return `${part.slice(0, equals + 1)}${output}`;
  });
  return resource === undefined ? null : { resource, text: parts.join(separator) };
}

/** Binds the DSN of Go's MySQL driver, `user:pw@tcp(db:3306)/x?parseTime=true`; null for others. */
export function mysqlDsn(value: string, hosts: ReadonlyMap<string, string>): { resource: string; text: string } | null {
  const open = value.indexOf("@tcp(");
  const close = value.indexOf(")", open);
  if (open < 0 || close < 0) return null;
  const resource = hosts.get(value.slice(open + 5, close).split(":")[0] ?? "");
  const query = value.indexOf("?", close);
  if (resource === undefined) return null;
  const suffix = query < 0 ? "" : value.slice(query);
  return { resource, text: `\${username}:\${password}@tcp(\${host}:\${port})/\${name}${suffix}` };
}
