import type { ResourceType } from "../../app.ts";

export type ImageKind =
  | { kind: "resource"; type: ResourceType; version: string | null; extensions?: string[] }
  /** A development tool, or something every cloud provides. */
  | { kind: "tool"; reason: string }
  /** A reverse proxy. */
  | { kind: "proxy" }
  /** A server that no cloud manages; it runs as a private service. */
  | { kind: "server" }
  | { kind: "app" };

const companionTool =
  /exporter|backup|bouncer|admin|operator|client|proxy|dump|init|web$|ui$|express|commander|insight|sentinel/;
const resourceImages: readonly [ResourceType, RegExp][] = [
  [
    "postgres",
    /^(postgres(ql)?([-_].*)?|.*[-_]postgres(ql)?|pgautoupgrade|postgis|pgvector|pgvecto-rs|timescaledb.*|spilo.*)$/,
  ],
  ["mysql", /^(mysql([-_].*)?|mariadb([-_].*)?|percona(-server|-xtradb-cluster)?)$/],
  ["redis", /^(redis([-_].*)?|valkey([-_].*)?|keydb|dragonfly)$/],
  ["mongodb", /^(mongo|mongodb([-_].*)?|percona-server-mongodb)$/],
  ["memcached", /^memcached([-_].*)?$/],
  ["amqp", /^rabbitmq([-_].*)?$/],
  ["bucket", /^(minio|seaweedfs|garage|rustfs)$/],
  ["smtp", /^(smtp|postfix|docker-mailserver|exim4?|opensmtpd|smtp-relay)$/],
];
/** Images of Postgres that exist for the sake of an extension. */
const extensionImages: readonly [RegExp, string][] = [
  [/postgis/, "postgis"],
  [/pgvector/, "vector"],
  [/timescale/, "timescaledb"],
];
const serverImages =
  /^(elasticsearch|opensearch|meilisearch|typesense|clickhouse(-server)?|(cp-)?(kafka|zookeeper|schema-registry)|qdrant|weaviate|milvus|chroma|solr|nats|etcd|consul|vault|influxdb|neo4j|cassandra|scylla|cockroach|couchdb|headless-shell|chrome|gotenberg|tika|ollama|imgproxy|temporal|surrealdb|rethinkdb)$/;
const proxyImages = /^(nginx|caddy|httpd|openresty|envoy|nginx-unprivileged)$/;
const toolImages: readonly [RegExp, string][] = [
  [
    /^(traefik|nginx-proxy|acme-companion|certbot|swag|nginx-proxy-manager|haproxy|caddy-docker-proxy)$/,
    "every cloud receives requests and certificates itself",
  ],
  [
    /^(adminer|pgadmin4?|phpmyadmin|phppgadmin|mongo-express|redis-commander|redisinsight|dozzle|portainer(-ce)?)$/,
    "it is for looking around while developing",
  ],
  [/^(mailhog|mailpit|mailcatcher|maildev|inbucket|smtp4dev|fake-?smtp.*)$/, "it only catches mail while developing"],
  [/^(watchtower|autoheal|ofelia|docker-socket-proxy|dind|docker)$/, "it looks after containers, as every cloud does"],
  [/(exporter|backup)/, "the cloud watches and saves what it manages"],
  [/^(pgbouncer|pgcat|pgpool)$/, "the managed database takes its place"],
  [
    /^(prometheus|grafana-agent|cadvisor|node-exporter|promtail|jaeger|all-in-one|otel.*|opentelemetry-collector.*)$/,
    "every cloud has monitoring of its own",
  ],
];

/** Classifies an image by its name: `ghcr.io/pgautoupgrade/pgautoupgrade:17-alpine` is a Postgres 17. */
export function classifyImage(image: string): ImageKind {
  const [path = "", tag = ""] = split(image);
  const parts = path.toLowerCase().split("/");
  const name = parts.at(-1) ?? "";
  const tool = toolImages.find(([pattern]) => pattern.test(name));
  if (tool) return { kind: "tool", reason: tool[1] };
  if (serverImages.test(name)) return { kind: "server" };
  if (proxyImages.test(name)) return { kind: "proxy" };
  const owner = parts.at(-2) ?? "";
  const match = resourceImages.find(([, pattern]) => pattern.test(name));
  // Only official images and known publishers count: `someone/awesome-postgres-app` is an app.
  const isOfficial =
    match &&
    !companionTool.test(name) &&
    (publishers.has(owner) || /^[a-z0-9]+$/.test(name) || name.includes("postgres"));
  if (!match || !isOfficial) return { kind: "app" };
  const extensions = extensionImages.flatMap(([pattern, extension]) => (pattern.test(name) ? [extension] : []));
  const options = extensions.length > 0 ? { extensions } : {};
  return { kind: "resource", type: match[0], version: versionOf(tag), ...options };
}

const publishers = new Set([
  "",
  "library",
  "bitnami",
  "bitnamilegacy",
  "docker.io",
  "percona",
  "redis",
  "valkey",
  "eqalpha",
  "mongodb",
  "mysql",
  "timescale",
  "cimg",
]);

function split(image: string): [string, string] {
  const untagged = image.trim().split("@sha256:", 1)[0] ?? "";
  const colon = untagged.lastIndexOf(":");
  return colon > untagged.lastIndexOf("/") ? [untagged.slice(0, colon), untagged.slice(colon + 1)] : [untagged, ""];
}

/** `17-alpine` -> 17, `0.8.0-pg16` -> 16, `16-3.4` -> 16; `latest` says nothing. */
function versionOf(tag: string): string | null {
  const [, pgVersion] = /(?:^|[-_])pg(\d{1,2})(?:[-_.]|$)/.exec(tag) ?? [];
  const [, leading] = /^v?(\d{1,3}(?:\.\d{1,3})?)(?:[.\d]*)(?:[-_].*)?$/.exec(tag) ?? [];
  return pgVersion ?? leading ?? null;
}
