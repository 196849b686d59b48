import type { Resource } from "../../../../app.ts";
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

/** Compiles Postgres or MySQL on Cloud SQL, reachable only by the proxy. Database and user are both called `app`. */
export function database(context: CompileContext, resource: Resource): Omit<CompiledResource, "resource"> {
  const { app, settings, ports } = context;
  const type = resource.type === "mysql" ? "mysql" : "postgres";
  const version = engineVersion(type, resource.version);
  const options = resourceOptions(resource, context);
  const step = context.step(resource.name, "database");
  // The name of a deleted instance stays reserved for a week: https://cloud.google.com/sql/docs/postgres/delete-instance
  const name = resourceName(app.slug, context.suffix(resource.name, "database"), "-", { is: "attempt" });
  const instancePath: JsonObject = { project: concat(project), instance: concat(...name) };
  const request = (method: string, params: JsonObject = instancePath, body?: JsonObject): ApiRequest => ({
    api,
    method,
    params,
    ...(body ? { body } : {}),
  });
  const password: TextPart = { secret: `${resource.name} password` };
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
        rootPassword: concat({ secret: `${resource.name} root password` }),
        settings: {
          // The default from Postgres 16 on is Enterprise Plus, which has no small machine types.
          edition: "ENTERPRISE",
          tier: options.tier,
          availabilityType: options.standby ? "REGIONAL" : "ZONAL",
          dataDiskType: "PD_SSD",
          dataDiskSizeGb: `${options.storage}`,
          storageAutoResize: true,
          backupConfiguration: {
            enabled: true,
            ...(type === "mysql" ? { binaryLogEnabled: true } : { pointInTimeRecoveryEnabled: true }),
            transactionLogRetentionDays: Math.min(options.backups, 7),
            backupRetentionSettings: { retentionUnit: "COUNT", retainedBackups: options.backups },
          },
          // Only the proxy connects, with a certificate; no network is authorized.
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
      ? { loosen: request("instances.patch", instancePath, { settings: { deletionProtectionEnabled: false } }) }
      : {}),
    remove: request("instances.delete"),
    mark: "settings.userLabels",
    tells: { connection: "connectionName" },
  };
  const database: ManagedResource = {
    id: "database",
    kind: "thing",
    create: request("databases.insert", instancePath, {
      name: "app",
      ...(type === "mysql" ? { charset: "utf8mb4" } : {}),
    }),
    find: request("databases.get", { ...instancePath, database: "app" }),
    remove: null,
    mark: null,
  };
  const host: JsonObject = type === "mysql" ? { host: "%" } : {};
  const user: ManagedResource = {
    id: "user",
    kind: "thing",
    create: request("users.insert", instancePath, { name: "app", password: concat(password), ...host }),
    find: request("users.get", { ...instancePath, name: "app", ...host }),
    remove: null,
    mark: null,
  };
  const port = ports.byResource.get(resource) ?? 0;
  const address = `127.0.0.1:${port}`;
  return {
    steps: [
      {
        name: step,
        title: `${product[type]} ${version} for ${resource.name}`,
        after: ["apis"],
        resources: [instance, database, user],
      },
    ],
    outputs: {
      host: { parts: ["127.0.0.1"] },
      port: { parts: [`${port}`] },
      name: { parts: ["app"] },
      user: { parts: ["app"] },
      username: { parts: ["app"] },
      password: { parts: [password], sensitive: true },
      url: { parts: [`${scheme[type]}://app:`, password, `@${address}/app`], sensitive: true },
    },
    cloudSqlConnection: { connection: outputRef(step, "instance", "connection"), port },
    lines: [databaseLine(context.region, resource.name, { ...options, product: `${product[type]} ${version}` })],
  };
}
