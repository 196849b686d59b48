import type { Resource } from "../../../app.ts";
import type { Remark } from "../../../plan.ts";
import { remark } from "../../remark.ts";
import type { ManagedType } from "../prices.ts";
import type { Installed } from "../programs.ts";
import { isManaged } from "./variables.ts";

const servers: Record<ManagedType, { name: string; isInstalled(machine: Installed): boolean; fix: string }> = {
  postgres: {
    name: "PostgreSQL",
    isInstalled: (machine) => machine.hasPostgres(),
    fix: "Install it with `sudo apt install postgresql` or `brew install postgresql`, then reload this page.",
  },
  redis: {
    name: "Redis",
    isInstalled: (machine) => machine.hasRedis(),
    fix: "Install it with `sudo apt install redis-server` or `brew install redis`, then reload this page.",
  },
};

const unmanaged: Partial<Record<Resource["type"], string>> = {
  mysql: "a MySQL database",
  mongodb: "a MongoDB database",
  memcached: "a Memcached server",
  amqp: "a RabbitMQ server",
  bucket: "an S3 bucket",
  smtp: "a mail server",
};

/** Returns how a resource differs from what the manifest requests; nothing if it is provided as requested. */
export function resourceRemarks({ name, type, version, size, env }: Resource, machine: Installed): Remark[] {
  const path = `resources.${name}`;
  if (!isManaged(type)) {
    const variables = Object.keys(env).join(", ");
    const usage = variables === "" ? "" : ` It goes into ${variables}${type === "smtp" ? ", or is left out" : ""}.`;
    const message = `${name} is ${unmanaged[type] ?? type}, which this machine has not: you are asked for one of your own.`;
    return [remark("approximate", path, message + usage)];
  }
  const server = servers[type];
  if (!server.isInstalled(machine)) {
    const message = `${name} needs ${server.name}, which is not installed on this machine.`;
    return [remark("missing", path, message, server.fix)];
  }
  if (type === "postgres" && !machine.hasAccount()) {
    const message = `${name} needs PostgreSQL, which does not run for a user without an account.`;
    return [remark("missing", path, message, "Start Slipway as a user that this machine knows by name.")];
  }
  const remarks: Remark[] = [];
  if (version !== null) {
    const message = `${name} asks for ${server.name} ${version} and gets the version installed here.`;
    remarks.push(remark("approximate", path, message));
  }
  if (size !== "S")
    remarks.push(remark("ignored", `${path}.size`, `The size of ${name}: it takes what this machine has.`));
  return remarks;
}
