import type { Resource as Needed } from "../../../../app.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { engineVersion } from "../engine-versions.ts";
import { fnJoin, getAtt, ref, sub } from "../intrinsics.ts";
import { cacheLine } from "../price-lines.ts";
import { resourceOptions } from "../resource-options.ts";
import { tags } from "../tags.ts";
import { backingServiceSecurityGroup } from "./security-groups.ts";
import { privateSubnets } from "./vpc.ts";

const port = 6379;

/** Valkey with one shard, because clients such as Sidekiq and BullMQ do not support a cluster. */
export function redis(context: CompileContext, resource: Needed, id: string): Omit<CompiledResource, "resource"> {
  const { app, region, settings } = context;
  const options = resourceOptions(resource, context);
  const nodeType = options.type("cache") ?? settings.cache[resource.size];
  const nodes = options.standby ? 2 : 1;
  const host = getAtt(`${id}Cache`, "PrimaryEndPoint.Address");
  const url = fnJoin(["rediss://", host, `:${port}`]);
  return {
    step: { name: resource.name, title: `Redis (Valkey) for ${resource.name}` },
    resources: {
      [`${id}Subnets`]: {
        Type: "AWS::ElastiCache::SubnetGroup",
        Properties: { Description: sub("Data of ${AWS::StackName}"), SubnetIds: privateSubnets },
      },
      [`${id}SecurityGroup`]: backingServiceSecurityGroup(app, port),
      [`${id}Settings`]: {
        Type: "AWS::ElastiCache::ParameterGroup",
        Properties: {
          CacheParameterGroupFamily: "valkey8",
          Description: sub("Valkey of ${AWS::StackName}"),
          Properties: { "maxmemory-policy": options.eviction },
        },
      },
      [`${id}Cache`]: {
        Type: "AWS::ElastiCache::ReplicationGroup",
        DeletionPolicy: settings.deletionProtection ? "Snapshot" : "Delete",
        UpdateReplacePolicy: "Snapshot",
        Properties: {
          ReplicationGroupDescription: sub("Valkey of ${AWS::StackName}"),
          Engine: "valkey",
          EngineVersion: engineVersion("redis", null),
          CacheNodeType: nodeType,
          NumCacheClusters: nodes,
          AutomaticFailoverEnabled: options.standby,
          MultiAZEnabled: options.standby,
          CacheParameterGroupName: ref(`${id}Settings`),
          CacheSubnetGroupName: ref(`${id}Subnets`),
          SecurityGroupIds: [getAtt(`${id}SecurityGroup`, "GroupId")],
          AtRestEncryptionEnabled: true,
          // The URL requires TLS. Clients that only use host and port may connect without it.
          TransitEncryptionEnabled: true,
          TransitEncryptionMode: "preferred",
          AutoMinorVersionUpgrade: true,
          ...(settings.deletionProtection ? { SnapshotRetentionLimit: 7 } : {}),
          Tags: tags(app),
        },
      },
    },
    attributes: {
      host: { value: host },
      port: { value: `${port}` },
      user: { value: "default" },
      username: { value: "default" },
      password: { value: "" },
      name: { value: "0" },
      url: { value: url },
    },
    lines: [cacheLine(region, resource.name, nodeType, nodes)],
  };
}
