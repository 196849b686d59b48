import type { ResourceType } from "../../app.ts";

/** A Heroku add-on and the variables it sets. */
export type Addon =
  | { kind: "resource"; type: ResourceType; prefix: string; env: Record<string, string> }
  /** `isOptional`: the app runs without it. */
  | { kind: "ask"; account: string; env: readonly string[]; isOptional?: true }
  | { kind: "ignore"; reason: string };

const database = (type: ResourceType, name: string, prefix = name.replace(/_UR[LI]$/, "")): Addon => ({
  kind: "resource",
  type,
  prefix,
  env: { [name]: "${url}" },
});
const accountAddon = (account: string, ...env: string[]): Addon => ({ kind: "ask", account, env });
const errorTracker = (account: string, ...env: string[]): Addon => ({ kind: "ask", account, env, isOptional: true });
const logs: Addon = { kind: "ignore", reason: "every cloud keeps the app's logs itself" };
const monitoring: Addon = {
  kind: "ignore",
  reason: "the app runs without it, and every cloud has monitoring of its own",
};

const memcached = (prefix: string): Addon => ({
  kind: "resource",
  type: "memcached",
  prefix,
  env: {
    [`${prefix}_SERVERS`]: "${servers}",
    [`${prefix}_USERNAME`]: "${username}",
    [`${prefix}_PASSWORD`]: "${password}",
  },
});
const bucketeer: Addon = {
  kind: "resource",
  type: "bucket",
  prefix: "BUCKETEER",
  env: {
    BUCKETEER_BUCKET_NAME: "${bucket}",
    BUCKETEER_AWS_REGION: "${region}",
    BUCKETEER_AWS_ACCESS_KEY_ID: "${access_key_id}",
    BUCKETEER_AWS_SECRET_ACCESS_KEY: "${secret_key}",
  },
};
const mail = (prefix: string, env: Record<string, string>): Addon => ({ kind: "resource", type: "smtp", prefix, env });

/** Add-ons by service name, including discontinued ones. */
export const addons: ReadonlyMap<string, Addon> = new Map(
  Object.entries<Addon>({
    "heroku-postgresql": database("postgres", "DATABASE_URL"),
    "heroku-shared-postgresql": database("postgres", "DATABASE_URL"),
    "shared-database": database("postgres", "DATABASE_URL"),
    "crunchy-bridge": database("postgres", "CRUNCHY_DATABASE_URL"),
    "stackhero-postgresql": database("postgres", "STACKHERO_POSTGRESQL_URL"),
    "heroku-redis": database("redis", "REDIS_URL"),
    "heroku-key-value-store": database("redis", "REDIS_URL"),
    rediscloud: database("redis", "REDISCLOUD_URL"),
    redistogo: database("redis", "REDISTOGO_URL"),
    redisgreen: database("redis", "REDISGREEN_URL"),
    openredis: database("redis", "OPENREDIS_URL"),
    "upstash-redis": database("redis", "UPSTASH_REDIS_URL"),
    "stackhero-redis": database("redis", "STACKHERO_REDIS_URL_TLS", "STACKHERO_REDIS"),
    jawsdb: database("mysql", "JAWSDB_URL"),
    "jawsdb-maria": database("mysql", "JAWSDB_MARIA_URL"),
    cleardb: database("mysql", "CLEARDB_DATABASE_URL"),
    "stackhero-mysql": database("mysql", "STACKHERO_MYSQL_DATABASE_URL"),
    "stackhero-mariadb": database("mysql", "STACKHERO_MARIADB_DATABASE_URL"),
    mongolab: database("mongodb", "MONGODB_URI"),
    mongohq: database("mongodb", "MONGOHQ_URL"),
    compose: database("mongodb", "COMPOSE_URL"),
    ormongo: database("mongodb", "ORMONGO_URL"),
    "stackhero-mongodb": database("mongodb", "STACKHERO_MONGODB_URL"),
    memcachier: memcached("MEMCACHIER"),
    memcachedcloud: memcached("MEMCACHEDCLOUD"),
    cloudamqp: database("amqp", "CLOUDAMQP_URL"),
    "rabbitmq-bigwig": database("amqp", "RABBITMQ_BIGWIG_URL"),
    "stackhero-rabbitmq": database("amqp", "STACKHERO_RABBITMQ_AMQP_URL"),
    bucketeer,
    sendgrid: mail("SENDGRID", { SENDGRID_USERNAME: "${username}", SENDGRID_PASSWORD: "${password}" }),
    mailgun: mail("MAILGUN", {
      MAILGUN_SMTP_SERVER: "${host}",
      MAILGUN_SMTP_PORT: "${port}",
      MAILGUN_SMTP_LOGIN: "${username}",
      MAILGUN_SMTP_PASSWORD: "${password}",
    }),
    postmark: mail("POSTMARK", { POSTMARK_SMTP_SERVER: "${host}", POSTMARK_API_TOKEN: "${password}" }),
    mailertogo: mail("MAILERTOGO", {
      MAILERTOGO_SMTP_HOST: "${host}",
      MAILERTOGO_SMTP_PORT: "${port}",
      MAILERTOGO_SMTP_USER: "${username}",
      MAILERTOGO_SMTP_PASSWORD: "${password}",
    }),
    sparkpost: mail("SPARKPOST", {
      SPARKPOST_SMTP_HOST: "${host}",
      SPARKPOST_SMTP_PORT: "${port}",
      SPARKPOST_SMTP_USERNAME: "${username}",
      SPARKPOST_SMTP_PASSWORD: "${password}",
    }),
    mandrill: mail("MANDRILL", { MANDRILL_USERNAME: "${username}", MANDRILL_APIKEY: "${password}" }),
    cloudinary: accountAddon("a Cloudinary account", "CLOUDINARY_URL"),
    cloudcube: accountAddon(
      "an S3 bucket at CloudCube",
      "CLOUDCUBE_URL",
      "CLOUDCUBE_ACCESS_KEY_ID",
      "CLOUDCUBE_SECRET_ACCESS_KEY",
    ),
    bonsai: accountAddon("an Elasticsearch or OpenSearch server", "BONSAI_URL"),
    searchbox: accountAddon("an Elasticsearch server", "SEARCHBOX_URL"),
    foundelasticsearch: accountAddon("an Elasticsearch server", "FOUNDELASTICSEARCH_URL"),
    "stackhero-elasticsearch": accountAddon("an Elasticsearch server", "STACKHERO_ELASTICSEARCH_URL"),
    websolr: accountAddon("a Solr server", "WEBSOLR_URL"),
    algoliasearch: accountAddon("an Algolia account", "ALGOLIASEARCH_APPLICATION_ID", "ALGOLIASEARCH_API_KEY"),
    "heroku-kafka": accountAddon("a Kafka cluster", "KAFKA_URL"),
    cloudkarafka: accountAddon(
      "a Kafka cluster",
      "CLOUDKARAFKA_BROKERS",
      "CLOUDKARAFKA_USERNAME",
      "CLOUDKARAFKA_PASSWORD",
    ),
    graphenedb: accountAddon("a Neo4j server", "GRAPHENEDB_URL"),
    neo4j: accountAddon("a Neo4j server", "NEO4J_URL"),
    pusher: accountAddon("a Pusher account", "PUSHER_URL"),
    ably: accountAddon("an Ably account", "ABLY_API_KEY"),
    auth0: accountAddon("an Auth0 account", "AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET"),
    fixie: accountAddon("a Fixie proxy", "FIXIE_URL"),
    quotaguard: accountAddon("a QuotaGuard proxy", "QUOTAGUARD_URL"),
    quotaguardstatic: accountAddon("a QuotaGuard proxy", "QUOTAGUARDSTATIC_URL"),
    iron_mq: accountAddon("an IronMQ account", "IRON_MQ_TOKEN", "IRON_MQ_PROJECT_ID"),
    ironmq: accountAddon("an IronMQ account", "IRON_MQ_TOKEN", "IRON_MQ_PROJECT_ID"),
    cloudmailin: accountAddon("a CloudMailin account", "CLOUDMAILIN_FORWARD_ADDRESS"),
    papertrail: logs,
    logentries: logs,
    logdna: logs,
    loggly: logs,
    sumologic: logs,
    coralogix: logs,
    logtail: logs,
    timber: logs,
    solarwinds: logs,
    flydata: logs,
    newrelic: monitoring,
    scout: monitoring,
    skylight: monitoring,
    librato: monitoring,
    hostedgraphite: monitoring,
    appsignal: monitoring,
    dynatrace: monitoring,
    deadmanssnitch: monitoring,
    pingdom: monitoring,
    blackfire: monitoring,
    rollbar: errorTracker("a Rollbar project", "ROLLBAR_ACCESS_TOKEN"),
    sentry: errorTracker("a Sentry project", "SENTRY_DSN"),
    honeybadger: errorTracker("a Honeybadger project", "HONEYBADGER_API_KEY"),
    bugsnag: errorTracker("a Bugsnag project", "BUGSNAG_API_KEY"),
    airbrake: errorTracker("an Airbrake project", "AIRBRAKE_API_KEY", "AIRBRAKE_PROJECT_ID"),
    raygun: errorTracker("a Raygun project", "RAYGUN_APIKEY"),
    pgbackups: { kind: "ignore", reason: "the database's own backups take its place" },
    "heroku-ci": { kind: "ignore", reason: "it tests, and runs nothing" },
    autoscaling: { kind: "ignore", reason: "the cloud scales by the limits of the service" },
    hirefire: { kind: "ignore", reason: "the cloud scales by the limits of the service" },
    "rails-autoscale": { kind: "ignore", reason: "the cloud scales by the limits of the service" },
    ssl: { kind: "ignore", reason: "every cloud serves over HTTPS" },
    expeditedssl: { kind: "ignore", reason: "every cloud serves over HTTPS" },
    zerigo_dns: { kind: "ignore", reason: "every cloud gives the app a name" },
    pointdns: { kind: "ignore", reason: "every cloud gives the app a name" },
    deployhooks: { kind: "ignore", reason: "it only told others about a deployment" },
  }),
);
