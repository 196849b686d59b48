import type { Resource as Needed } from "../../../../app.ts";
import type { Resource } from "../../cloudformation.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { engineVersion } from "../engine-versions.ts";
import { fnIf, fnJoin, getAtt, ref, secretValue, sub } from "../intrinsics.ts";
import { databaseLine } from "../price-lines.ts";
import { resourceOptions } from "../resource-options.ts";
import { tags } from "../tags.ts";
import { backingServiceSecurityGroup } from "./security-groups.ts";
import { privateSubnets } from "./vpc.ts";

const products = {
  postgres: { name: "Postgres", engine: "postgres", port: 5432, scheme: "postgres" },
  mysql: { name: "MySQL", engine: "mysql", port: 3306, scheme: "mysql" },
};

/** RDS accepts a major version of Postgres and picks the minor one. Linters know MySQL only by full versions. */
const minorVersion = (version: string) => (version === "8.4" ? "8.4.9" : version);

/**
 * Postgres or MySQL on RDS: encrypted, with point-in-time recovery, in private subnets. Database and user are `app`.
 */
export function database(context: CompileContext, resource: Needed, id: string): Omit<CompiledResource, "resource"> {
  const { app, region, settings } = context;
  const product = resource.type === "mysql" ? products.mysql : products.postgres;
  const version = engineVersion(resource.type, resource.version);
  const options = resourceOptions(resource, context);
  const instanceClass = options.type("db") ?? settings.database[resource.size];
  const [instance, password] = [`${id}Instance`, `${id}Password`];
  const host = getAtt(instance, "Endpoint.Address");
  const secret = secretValue(password, "password");
  const deletionPolicy = settings.deletionProtection ? "Snapshot" : "Delete";
  const { name, port, scheme } = product;
  const parameterGroup: Record<string, Resource> =
    resource.type === "mysql"
      ? {}
      : {
          [`${id}Settings`]: {
            Type: "AWS::RDS::DBParameterGroup",
            Properties: {
              Family: `postgres${version}`,
              Description: sub("Postgres of ${AWS::StackName}"),
              // Clients may still use TLS. If it is required, Node's `pg` needs Amazon's CA, which no image contains.
              Parameters: { "rds.force_ssl": "0" },
            },
          },
        };
  return {
    step: { name: resource.name, title: `${name} for ${resource.name}` },
    resources: {
      [password]: {
        Type: "AWS::SecretsManager::Secret",
        Properties: {
          Description: sub("Password of a database of ${AWS::StackName}"),
          GenerateSecretString: {
            SecretStringTemplate: '{"username":"app"}',
            GenerateStringKey: "password",
            PasswordLength: 32,
            ExcludePunctuation: true,
          },
          Tags: tags(app),
        },
      },
      [`${id}Subnets`]: {
        Type: "AWS::RDS::DBSubnetGroup",
        Properties: {
          DBSubnetGroupDescription: sub("Data of ${AWS::StackName}"),
          SubnetIds: privateSubnets,
        },
      },
      [`${id}SecurityGroup`]: backingServiceSecurityGroup(app, port),
      ...parameterGroup,
      [instance]: {
        Type: "AWS::RDS::DBInstance",
        DeletionPolicy: deletionPolicy,
        UpdateReplacePolicy: "Snapshot",
        Properties: {
          Engine: product.engine,
          EngineVersion: minorVersion(version),
          DBInstanceClass: instanceClass,
          DBName: "app",
          MasterUsername: "app",
          MasterUserPassword: secret,
          AllocatedStorage: `${options.storage}`,
          MaxAllocatedStorage: Math.min(options.storage * 5, 65_536),
          StorageType: "gp3",
          StorageEncrypted: true,
          MultiAZ: options.standby,
          PubliclyAccessible: false,
          DBSubnetGroupName: ref(`${id}Subnets`),
          VPCSecurityGroups: [getAtt(`${id}SecurityGroup`, "GroupId")],
          ...(parameterGroup[`${id}Settings`] ? { DBParameterGroupName: ref(`${id}Settings`) } : {}),
          BackupRetentionPeriod: options.backupDays,
          DeleteAutomatedBackups: !settings.deletionProtection,
          CopyTagsToSnapshot: true,
          AutoMinorVersionUpgrade: true,
          EngineLifecycleSupport: "open-source-rds-extended-support-disabled",
          DeletionProtection: settings.deletionProtection && fnIf("IsProtected", true, false),
          Tags: tags(app),
        },
      },
    },
    attributes: {
      host: { value: host },
      port: { value: `${port}` },
      name: { value: "app" },
      user: { value: "app" },
      username: { value: "app" },
      password: { value: secret, sensitive: true, secretRef: { id: password, key: "password" } },
      url: { value: fnJoin([`${scheme}://app:`, secret, "@", host, `:${port}/app`]), sensitive: true },
    },
    lines: [
      databaseLine(region, resource.name, {
        product: `${name} ${version}`,
        type: instanceClass,
        gb: options.storage,
        standby: options.standby,
      }),
    ],
  };
}
