import type { Resource, ResourceType, Variable } from "../../app.ts";
import { outputs } from "../resources.ts";
import { connectionText } from "./connection-strings.ts";

interface Rule {
  types: readonly ResourceType[];
  name: RegExp;
  output: string;
}

const sql: readonly ResourceType[] = ["postgres", "mysql"];
/** [types, prefix of the variable's name] */
const prefixes: readonly [readonly ResourceType[], string][] = [
  [sql, "DATABASE|DB|SQL|DATASOURCE"],
  [["postgres"], "POSTGRES|POSTGRESQL|PSQL"],
  [["mysql"], "MYSQL|MARIADB"],
  [["mongodb"], "MONGO|MONGODB|MONGOLAB|MONGOHQ"],
  [["redis"], "REDIS|VALKEY|REDISTOGO|REDISCLOUD"],
  [["amqp"], "AMQP|RABBITMQ|CLOUDAMQP"],
  [["memcached"], "MEMCACHE|MEMCACHED|MEMCACHIER"],
  [["smtp"], "SMTP|MAIL|EMAIL|MAILER"],
];
/** [output, suffix] */
const suffixes: readonly [string, string][] = [
  ["url", "URL|URI|DSN|CONNECTION_STRING|CONNECTION_URI|CONNECTION_URL"],
  ["host", "HOST|HOSTNAME|SERVER"],
  ["port", "PORT"],
  ["name", "NAME|DATABASE|DB"],
  ["username", "USER|USERNAME|USER_NAME|LOGIN"],
  ["password", "PASS|PASSWORD|PASSWD"],
];
const s3 = "(?:AWS|S3|AWS_S3)_";

const rules: readonly Rule[] = [
  // Spring reads a JDBC URL, with user and password apart.
  { types: ["postgres"], name: /^SPRING_DATASOURCE_URL$/, output: "jdbc:postgresql" },
  { types: ["mysql"], name: /^SPRING_DATASOURCE_URL$/, output: "jdbc:mysql" },
  ...prefixes.flatMap(([types, prefix]) =>
    suffixes.map(
      ([output, suffix]): Rule => ({ types, name: new RegExp(`^(?:\\w+_)?(?:${prefix})_?(?:${suffix})$`), output }),
    ),
  ),
  { types: ["postgres"], name: /^PGHOST$/, output: "host" },
  { types: ["postgres"], name: /^PGPORT$/, output: "port" },
  { types: ["postgres"], name: /^PGUSER$/, output: "username" },
  { types: ["postgres"], name: /^PGPASSWORD$/, output: "password" },
  { types: ["postgres"], name: /^PGDATABASE$/, output: "name" },
  { types: sql, name: /^(?:DATABASE_CONNECTION|SQLALCHEMY_DATABASE_URI)$/, output: "url" },
  { types: ["mongodb"], name: /^(?:DATABASE|DB)_(?:URL|URI)$/, output: "url" },
  { types: ["memcached"], name: /^MEMCACHED?_SERVERS?$/, output: "servers" },
  { types: ["bucket"], name: new RegExp(`^${s3}(?:UPLOAD_)?BUCKET(?:_NAME)?$`), output: "bucket" },
  { types: ["bucket"], name: new RegExp(`^${s3}ENDPOINT(?:_URL)?$`), output: "endpoint" },
  { types: ["bucket"], name: new RegExp(`^${s3}(?:DEFAULT_)?REGION$`), output: "region" },
  { types: ["bucket"], name: new RegExp(`^${s3}ACCESS_KEY(?:_ID)?$`), output: "access_key_id" },
  { types: ["bucket"], name: new RegExp(`^${s3}SECRET(?:_ACCESS)?(?:_KEY)?$`), output: "secret_key" },
];
/** Variables of another database, or of one that the app creates itself. */
const unboundNames = /^(?:TEST|SHADOW|CI|DEV|DEVELOPMENT)_|(?:^|_)(?:ROOT|TEST)_/;

/** Returns the template of a variable; the default's scheme and query are kept, because the app expects them. */
function boundText(value: string | null, output: string): string {
  const [, scheme, suffix = ""] = /^([a-z][a-z0-9+.]*):\/\/[^/?\s]*(\S*)$/i.exec(value ?? "") ?? [];
  if (output !== "url" || scheme === undefined || /^https?$/i.test(scheme)) return `\${${output}}`;
  return connectionText({ scheme: scheme.toLowerCase(), login: "", port: "", suffix });
}

/** Returns whether a value is the author's own word: true, false, or a number that is no port. */
const isPlainValue = (value: string | null, output: string): boolean =>
  /^(true|false|yes|no|on|off)$/i.test(value ?? "") ||
  (/^\d+$/.test(value ?? "") && ["url", "host", "endpoint"].includes(output));

/**
 * Binds variables to resource outputs: such a variable moves into the resource's `env` and is not asked
 * for. Of several resources of a type, the first one wins.
 */
export function bindResources(
  variables: readonly Variable[],
  resources: readonly Resource[],
): { variables: Variable[]; resources: Resource[] } {
  const bound = resources.map((resource) => ({ ...resource, env: { ...resource.env } }));
  const taken = new Set(bound.flatMap(({ env }) => Object.keys(env)));
  const sources = rules.flatMap(({ types, name, output }) => {
    const source = bound.find(
      ({ type }) => types.includes(type) && (output.startsWith("jdbc:") || outputs[type].includes(output)),
    );
    return source ? [{ name, output, source }] : [];
  });
  const unbound = variables.filter(({ name, generator, default: value }) => {
    if (taken.has(name)) return false;
    // LISTMONK_db__user is a database variable too.
    const normalized = name.toUpperCase().replace(/__+/g, "_");
    if (generator || unboundNames.test(normalized)) return true;
    const rule = sources.find((source) => source.name.test(normalized));
    if (!rule) return true;
    if (isPlainValue(value, rule.output)) return true;
    rule.source.env[name] = rule.output.startsWith("jdbc:")
      ? connectionText({ scheme: rule.output, login: undefined, port: undefined, suffix: "" })
      : boundText(value, rule.output);
    return false;
  });
  return { variables: unbound, resources: bound };
}
