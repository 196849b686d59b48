import type { Resource } from "../../../../app.ts";
import { cacheLine } from "../../prices.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { engineId, engineVersion } from "../engine-versions.ts";
import { concat, locationPath, outputRef, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName } from "../names.ts";
import { regionalResource } from "../resource-builders.ts";
import { resourceOptions } from "../resource-options.ts";

/** Compiles Memorystore with one shard, because clients such as Sidekiq and BullMQ do not support a cluster. */
export function redis(context: CompileContext, resource: Resource): Omit<CompiledResource, "resource"> {
  const { app, settings } = context;
  const options = resourceOptions(resource, context);
  const version = engineVersion("redis", resource.version);
  const step = context.step(resource.name, "redis");
  const name = resourceName(app.slug, context.suffix(resource.name, "redis"));
  const gb = settings.cache[resource.size];
  const instance = regionalResource({
    id: "instance",
    api: "redis",
    collection: "instances",
    idParam: "instanceId",
    name,
    body: {
      tier: options.standby ? "STANDARD_HA" : "BASIC",
      memorySizeGb: gb,
      redisVersion: engineId("redis", version),
      authorizedNetwork: concat({ is: "network" }),
      connectMode: "DIRECT_PEERING",
      authEnabled: true,
      // No image trusts the CA of its certificates, and the connection stays inside this network.
      transitEncryptionMode: "DISABLED",
      redisConfigs: { "maxmemory-policy": options.eviction },
      persistenceConfig: { persistenceMode: "RDB", rdbSnapshotPeriod: "ONE_HOUR" },
      labels: resourceLabels(app),
    },
    tells: { host: "host", port: "port" },
  });
  const host = outputRef(step, "instance", "host");
  const port = outputRef(step, "instance", "port");
  const fullName = concat(...locationPath, "/instances/", ...name);
  const read = {
    api: "redis",
    method: "projects.locations.instances.getAuthString",
    params: { name: fullName },
  } as const;
  const password: TextPart = { read, at: "authString" };
  return {
    steps: [{ name: step, title: `Redis ${version} for ${resource.name}`, after: ["apis"], resources: [instance] }],
    outputs: {
      host: { parts: [host], dependsOn: step },
      port: { parts: [port], dependsOn: step },
      user: { parts: ["default"] },
      username: { parts: ["default"] },
      password: { parts: [password], sensitive: true, dependsOn: step },
      name: { parts: ["0"] },
      url: { parts: ["redis://:", password, "@", host, ":", port], sensitive: true, dependsOn: step },
    },
    lines: [cacheLine(context.region, resource.name, gb, options.standby)],
  };
}
