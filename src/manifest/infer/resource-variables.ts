import type { Resource, ResourceType, Variable } from "../../app.ts";
import { variable } from "./variable.ts";

const resourceNames: Record<ResourceType, string> = {
  postgres: "a PostgreSQL database",
  mysql: "a MySQL database",
  mongodb: "a MongoDB database",
  redis: "a Redis server",
  memcached: "a Memcached server",
  amqp: "a RabbitMQ server",
  bucket: "an S3 bucket",
  smtp: "a mail server (SMTP)",
};
const outputNames: Record<string, string> = {
  url: "address, with user and password",
  servers: "addresses, each with its port",
  host: "host name",
  port: "port",
  name: "database",
  vhost: "virtual host",
  username: "user",
  password: "password",
  bucket: "name",
  endpoint: "endpoint",
  region: "region",
  access_key_id: "access key ID",
  secret_key: "secret access key",
};

/** Returns the variables to ask for on a cloud that does not manage the resource. */
export function variablesFor(resource: Resource): Variable[] {
  return Object.entries(resource.env).map(([name, text]) => {
    const [, output = ""] = /^\$\{(\w+)\}$/.exec(text) ?? [];
    const subject = Object.hasOwn(outputNames, output) ? `The ${outputNames[output]} of` : `As \`${text}\`, of`;
    const secret = /url|password|secret|servers/.test(text);
    return variable(name, { description: `${subject} ${resourceNames[resource.type]}.`, secret, type: "text" });
  });
}
