import type { Resource } from "../../../app.ts";
import type { Remark } from "../../../plan.ts";
import { remark } from "../../remark.ts";
import { hasAccount } from "../provision/data-folder.ts";
import { findPostgres, findRedis } from "./find-program.ts";
import { isManaged } from "./variables.ts";

const programs: Partial<Record<Resource["type"], { name: string; find(path: string): string | null; fix: string }>> = {
  postgres: {
    name: "PostgreSQL",
    find: findPostgres,
    fix: "Install it with `sudo apt install postgresql` or `brew install postgresql`, then reload this page.",
  },
  redis: {
    name: "Redis",
    find: findRedis,
    fix: "Install it with `sudo apt install redis-server` or `brew install redis`, then reload this page.",
  },
};

const others: Partial<Record<Resource["type"], string>> = {
  mysql: "a MySQL database",
  mongodb: "a MongoDB database",
  memcached: "a Memcached server",
  amqp: "a RabbitMQ server",
  bucket: "an S3 bucket",
  smtp: "a mail server",
};

/** What becomes of a resource; nothing is said of one that is here just as it is asked for. */
export function resources({ name, type, version, size, env }: Resource, path: string): Remark[] {
  const at = `resources.${name}`;
  const program = programs[type];
  if (!isManaged(type) || !program) {
    const names = Object.keys(env).join(", ");
    const how = names === "" ? "" : ` It goes into ${names}${type === "smtp" ? ", or is left out" : ""}.`;
    const message = `${name} is ${others[type] ?? type}, which this machine has not: you are asked for one of your own.`;
    return [remark("approximate", at, message + how)];
  }
  if (program.find(path) === null)
    return [
      remark("missing", at, `${name} needs ${program.name}, which is not installed on this machine.`, program.fix),
    ];
  if (type === "postgres" && !hasAccount()) {
    const message = `${name} needs PostgreSQL, which does not run for a user without an account.`;
    return [remark("missing", at, message, "Start Slipway as a user that this machine knows by name.")];
  }
  const remarks: Remark[] = [];
  if (version !== null)
    remarks.push(
      remark("approximate", at, `${name} asks for ${program.name} ${version} and gets the version installed here.`),
    );
  if (size !== "S")
    remarks.push(remark("ignored", `${at}.size`, `The size of ${name}: it takes what this machine has.`));
  return remarks;
}
