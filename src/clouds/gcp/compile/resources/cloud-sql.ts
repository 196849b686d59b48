import type { Resource as Needed } from "../../../../app.ts";
import { databaseLine } from "../../prices.ts";
import type { Request, Thing } from "../../stack.ts";
import type { Data } from "../app-resources.ts";
import type { Setting } from "../context.ts";
import { engine, versionOf } from "../engine-versions.ts";
import { type Fields, type Part, project, region, text, told } from "../expressions.ts";
import { labels } from "../labels.ts";
import { named } from "../names.ts";
import { wishes } from "../resource-options.ts";

const scheme = { postgres: "postgres", mysql: "mysql" };
const product = { postgres: "Postgres", mysql: "MySQL" };
const api = "sqladmin";
const lastBackupDays = 30;

/** Postgres or MySQL on Cloud SQL, which only the proxy can reach. Its name and its user are `app`. */
export function database(setting: Setting, needed: Needed): Omit<Data, "needed"> {
  const { app, settings, ports } = setting;
  const type = needed.type === "mysql" ? "mysql" : "postgres";
  const version = versionOf(type, needed.version);
  const wish = wishes(needed, setting);
  const step = setting.step(needed.name, "database");
  // A name is not given again for a week after its instance is gone: https://cloud.google.com/sql/docs/postgres/delete-instance
  const name = named(app.slug, setting.suffix(needed.name, "database"), "-", { is: "attempt" });
  const where: Fields = { project: text(project), instance: text(...name) };
  const request = (method: string, params: Fields = where, body?: Fields): Request => ({
    api,
    method,
    params,
    ...(body ? { body } : {}),
  });
  const password: Part = { secret: `${needed.name} password` };
  const instance: Thing = {
    id: "instance",
    kind: "thing",
    create: request(
      "instances.insert",
      { project: text(project) },
      {
        name: text(...name),
        region: text(region),
        databaseVersion: engine(type, version),
        rootPassword: text({ secret: `${needed.name} root password` }),
        settings: {
          // Without a word, Postgres 16 and later come in the larger edition, which has no small machines.
          edition: "ENTERPRISE",
          tier: wish.tier,
          availabilityType: wish.standby ? "REGIONAL" : "ZONAL",
          dataDiskType: "PD_SSD",
          dataDiskSizeGb: `${wish.storage}`,
          storageAutoResize: true,
          backupConfiguration: {
            enabled: true,
            ...(type === "mysql" ? { binaryLogEnabled: true } : { pointInTimeRecoveryEnabled: true }),
            transactionLogRetentionDays: Math.min(wish.backups, 7),
            backupRetentionSettings: { retentionUnit: "COUNT", retainedBackups: wish.backups },
          },
          // The address is for the proxy alone, which brings a certificate: no network is let in.
          ipConfiguration: { ipv4Enabled: true, authorizedNetworks: [], sslMode: "ENCRYPTED_ONLY" },
          connectorEnforcement: "REQUIRED",
          deletionProtectionEnabled: settings.protect,
          ...(settings.protect ? { finalBackupConfig: { enabled: true, retentionDays: lastBackupDays } } : {}),
          userLabels: labels(app),
        },
      },
    ),
    find: request("instances.get"),
    ...(settings.protect
      ? { loosen: request("instances.patch", where, { settings: { deletionProtectionEnabled: false } }) }
      : {}),
    remove: request("instances.delete"),
    mark: "settings.userLabels",
    tells: { connection: "connectionName" },
  };
  const schema: Thing = {
    id: "database",
    kind: "thing",
    create: request("databases.insert", where, { name: "app", ...(type === "mysql" ? { charset: "utf8mb4" } : {}) }),
    find: request("databases.get", { ...where, database: "app" }),
    remove: null,
    mark: null,
  };
  const host: Fields = type === "mysql" ? { host: "%" } : {};
  const user: Thing = {
    id: "user",
    kind: "thing",
    create: request("users.insert", where, { name: "app", password: text(password), ...host }),
    find: request("users.get", { ...where, name: "app", ...host }),
    remove: null,
    mark: null,
  };
  const port = ports.of.get(needed) ?? 0;
  const at = `127.0.0.1:${port}`;
  return {
    steps: [
      {
        name: step,
        title: `${product[type]} ${version} for ${needed.name}`,
        after: ["apis"],
        resources: [instance, schema, user],
      },
    ],
    tells: {
      host: { parts: ["127.0.0.1"] },
      port: { parts: [`${port}`] },
      name: { parts: ["app"] },
      user: { parts: ["app"] },
      username: { parts: ["app"] },
      password: { parts: [password], hidden: true },
      url: { parts: [`${scheme[type]}://app:`, password, `@${at}/app`], hidden: true },
    },
    proxied: { connection: told(step, "instance", "connection"), port },
    lines: [databaseLine(setting.region, needed.name, { ...wish, product: `${product[type]} ${version}` })],
  };
}
