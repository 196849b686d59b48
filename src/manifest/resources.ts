import type { Resource, ResourceType } from "../app.ts";

/** Outputs of each resource type: the `${…}` allowed in its `env`. `url` contains all others. */
export const outputs: Record<ResourceType, readonly string[]> = {
  postgres: ["url", "host", "port", "name", "username", "password"],
  mysql: ["url", "host", "port", "name", "username", "password"],
  mongodb: ["url", "host", "port", "name", "username", "password"],
  redis: ["url", "host", "port", "username", "password"],
  memcached: ["servers", "host", "port", "username", "password"],
  amqp: ["url", "host", "port", "vhost", "username", "password"],
  bucket: ["bucket", "endpoint", "region", "access_key_id", "secret_key"],
  smtp: ["url", "host", "port", "username", "password"],
};

/** Default name and variables of each resource type. */
const defaults: Record<ResourceType, { name: string; env: Record<string, string> }> = {
  postgres: { name: "database", env: { DATABASE_URL: "${url}" } },
  mysql: { name: "database", env: { DATABASE_URL: "${url}" } },
  mongodb: { name: "mongodb", env: { MONGODB_URI: "${url}" } },
  redis: { name: "redis", env: { REDIS_URL: "${url}" } },
  memcached: { name: "memcached", env: { MEMCACHED_SERVERS: "${servers}" } },
  amqp: { name: "queue", env: { AMQP_URL: "${url}" } },
  bucket: {
    name: "bucket",
    env: {
      S3_BUCKET: "${bucket}",
      S3_ENDPOINT: "${endpoint}",
      S3_REGION: "${region}",
      AWS_ACCESS_KEY_ID: "${access_key_id}",
      AWS_SECRET_ACCESS_KEY: "${secret_key}",
    },
  },
  smtp: {
    name: "mail",
    env: {
      SMTP_HOST: "${host}",
      SMTP_PORT: "${port}",
      SMTP_USERNAME: "${username}",
      SMTP_PASSWORD: "${password}",
    },
  },
};

export const defaultEnv = (type: ResourceType): Record<string, string> => ({ ...defaults[type].env });

/** Creates a resource with defaults and a unique name. */
export function resource(
  type: ResourceType,
  taken: readonly Resource[],
  overrides: Partial<Omit<Resource, "type">> = {},
): Resource {
  const { name, env } = defaults[type];
  const requested = overrides.name ?? name;
  const unique = taken.some((other) => other.name === requested)
    ? `${requested}-${freeNumber(requested, taken)}`
    : requested;
  const { version = null, size = "S", options } = overrides;
  return { name: unique, type, version, size, env: overrides.env ?? env, ...(options ? { options } : {}) };
}

function freeNumber(name: string, taken: readonly Resource[]): number {
  let number = 2;
  while (taken.some((other) => other.name === `${name}-${number}`)) number += 1;
  return number;
}
