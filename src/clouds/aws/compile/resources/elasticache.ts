import type { Resource as Needed } from "../../../../app.ts";
import { cacheLine } from "../../prices.ts";
import type { Data } from "../app-resources.ts";
import type { Setting } from "../context.ts";
import { dataSecurityGroup } from "../ecs/cluster.ts";
import { versionOf } from "../engine-versions.ts";
import { att, joined, ref, sub } from "../intrinsics.ts";
import { wishes } from "../resource-options.ts";
import { tags } from "../tags.ts";
import { closedSubnets } from "./vpc.ts";

const port = 6379;

/** A Valkey of one shard, because clients such as Sidekiq and BullMQ cannot speak to a cluster. */
export function redis(setting: Setting, needed: Needed, id: string): Omit<Data, "needed"> {
  const { app, region, settings } = setting;
  const wish = wishes(needed, setting);
  const type = wish.type("cache") ?? settings.cache[needed.size];
  const nodes = wish.standby ? 2 : 1;
  const host = att(`${id}Cache`, "PrimaryEndPoint.Address");
  const url = joined(["rediss://", host, `:${port}`]);
  return {
    step: { name: needed.name, title: `Redis (Valkey) for ${needed.name}` },
    resources: {
      [`${id}Subnets`]: {
        Type: "AWS::ElastiCache::SubnetGroup",
        Properties: { Description: sub("Data of ${AWS::StackName}"), SubnetIds: closedSubnets },
      },
      [`${id}SecurityGroup`]: dataSecurityGroup(setting, port),
      [`${id}Settings`]: {
        Type: "AWS::ElastiCache::ParameterGroup",
        Properties: {
          CacheParameterGroupFamily: "valkey8",
          Description: sub("Valkey of ${AWS::StackName}"),
          Properties: { "maxmemory-policy": wish.eviction },
        },
      },
      [`${id}Cache`]: {
        Type: "AWS::ElastiCache::ReplicationGroup",
        DeletionPolicy: settings.protect ? "Snapshot" : "Delete",
        UpdateReplacePolicy: "Snapshot",
        Properties: {
          ReplicationGroupDescription: sub("Valkey of ${AWS::StackName}"),
          Engine: "valkey",
          EngineVersion: versionOf("redis", null),
          CacheNodeType: type,
          NumCacheClusters: nodes,
          AutomaticFailoverEnabled: wish.standby,
          MultiAZEnabled: wish.standby,
          CacheParameterGroupName: ref(`${id}Settings`),
          CacheSubnetGroupName: ref(`${id}Subnets`),
          SecurityGroupIds: [att(`${id}SecurityGroup`, "GroupId")],
          AtRestEncryptionEnabled: true,
          // The URL asks for TLS; clients that only know host and port are let in without.
          TransitEncryptionEnabled: true,
          TransitEncryptionMode: "preferred",
          AutoMinorVersionUpgrade: true,
          ...(settings.protect ? { SnapshotRetentionLimit: 7 } : {}),
          Tags: tags(app),
        },
      },
    },
    tells: {
      host: { value: host },
      port: { value: `${port}` },
      user: { value: "default" },
      username: { value: "default" },
      password: { value: "" },
      name: { value: "0" },
      url: { value: url },
    },
    lines: [cacheLine(region, needed.name, type, nodes)],
  };
}
