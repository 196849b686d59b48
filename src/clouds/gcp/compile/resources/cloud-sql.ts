import type { Resource as Needed } from "../../../../app.ts";
import { databaseLine } from "../../prices.ts";
import type { ApiRequest, ManagedResource } from "../../stack.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { engineId, engineVersion } from "../engine-versions.ts";
import { concat, type JsonObject, outputRef, project, region, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName } from "../names.ts";
import { resourceOptions } from "../resource-options.ts";

const scheme = { postgres: "postgres", mysql: "mysql" };
const product = { postgres: "Postgres", mysql: "MySQL" };
const api = "sqladmin";
const lastBackupDays = 30;

/** Postgres or MySQL on Cloud SQL, which only the proxy can reach. Its name and its user are `app`. */
export function database(setting: CompileContext, needed: Needed): Omit<CompiledResource, "resource"> {
  const { app, settings, ports } = setting;
  const type = needed.type === "mysql" ? "mysql" : "postgres";
  const version = engineVersion(type, needed.version);
  const wish = resourceOptions(needed, setting);
  const step = setting.step(needed.name, "database");
  // A name is not given again for a week after its instance is gone: https://cloud.google.com/sql/docs/postgres/delete-instance
  const name = resourceName(app.slug, setting.suffix(needed.name, "database"), "-", { is: "attempt" });
  const where: JsonObject = { project: concat(project), instance: concat(...name) };
  const request = (method: string, params: JsonObject = where, body?: JsonObject): ApiRequest => ({
    api,
    method,
    params,
    ...(body ? { body } : {}),
  });
  const password: TextPart = { secret: `${needed.name} password` };
  const instance: ManagedResource = {
    id: "instance",
    kind: "thing",
    create: request(
      "instances.insert",
      { project: concat(project) },
      {
        name: concat(...name),
        region: concat(region),
        databaseVersion: engineId(type, version),
        rootPassword: concat({ secret: `${needed.name} root password` }),
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
          deletionProtectionEnabled: settings.deletionProtection,
          ...(settings.deletionProtection
            ? { finalBackupConfig: { enabled: true, retentionDays: lastBackupDays } }
            : {}),
          userLabels: resourceLabels(app),
        },
      },
    ),
    find: request("instances.get"),
    ...(settings.deletionProtection
      ? { loosen: request("instances.patch", where, { settings: { deletionProtectionEnabled: false } }) }
      : {}),
    remove: request("instances.delete"),
    mark: "settings.userLabels",
    tells: { connection: "connectionName" },
  };
  const schema: ManagedResource = {
    id: "database",
    kind: "thing",
    create: request("databases.insert", where, { name: "app", ...(type === "mysql" ? { charset: "utf8mb4" } : {}) }),
    find: request("databases.get", { ...where, database: "app" }),
    remove: null,
    mark: null,
  };
  const host: JsonObject = type === "mysql" ? { host: "%" } : {};
  const user: ManagedResource = {
    id: "user",
    kind: "thing",
    create: request("users.insert", where, { name: "app", password: concat(password), ...host }),
    find: request("users.get", { ...where, name: "app", ...host }),
    remove: null,
    mark: null,
  };
  const port = ports.byResource.get(needed) ?? 0;
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
    outputs: {
      host: { parts: ["127.0.0.1"] },
      port: { parts: [`${port}`] },
      name: { parts: ["app"] },
      user: { parts: ["app"] },
      username: { parts: ["app"] },
      password: { parts: [password], sensitive: true },
      url: { parts: [`${scheme[type]}://app:`, password, `@${at}/app`], sensitive: true },
    },
    cloudSqlConnection: { connection: outputRef(step, "instance", "connection"), port },
    lines: [databaseLine(setting.region, needed.name, { ...wish, product: `${product[type]} ${version}` })],
  };
}
