import type { Resource as Needed } from "../../../../app.ts";
import { cacheLine } from "../../prices.ts";
import type { CompiledResource } from "../compiled-resource.ts";
import type { CompileContext } from "../context.ts";
import { engineId, engineVersion } from "../engine-versions.ts";
import { concat, locationPath, outputRef, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName } from "../names.ts";
import { regionalResource } from "../resource-builders.ts";
import { resourceOptions } from "../resource-options.ts";

/** Memorystore of one shard, because clients such as Sidekiq and BullMQ cannot speak to a cluster. */
export function redis(setting: CompileContext, needed: Needed): Omit<CompiledResource, "resource"> {
  const { app, settings } = setting;
  const wish = resourceOptions(needed, setting);
  const version = engineVersion("redis", needed.version);
  const step = setting.step(needed.name, "redis");
  const name = resourceName(app.slug, setting.suffix(needed.name, "redis"));
  const gb = settings.cache[needed.size];
  const instance = regionalResource({
    id: "instance",
    api: "redis",
    collection: "instances",
    key: "instanceId",
    name,
    body: {
      tier: wish.standby ? "STANDARD_HA" : "BASIC",
      memorySizeGb: gb,
      redisVersion: engineId("redis", version),
      authorizedNetwork: concat({ is: "network" }),
      connectMode: "DIRECT_PEERING",
      authEnabled: true,
      // Its certificates are of an authority that no image knows; nobody but this network hears the connection.
      transitEncryptionMode: "DISABLED",
      redisConfigs: { "maxmemory-policy": wish.eviction },
      persistenceConfig: { persistenceMode: "RDB", rdbSnapshotPeriod: "ONE_HOUR" },
      labels: resourceLabels(app),
    },
    tells: { host: "host", port: "port" },
  });
  const host = outputRef(step, "instance", "host");
  const port = outputRef(step, "instance", "port");
  const whole = concat(...locationPath, "/instances/", ...name);
  const read = { api: "redis", method: "projects.locations.instances.getAuthString", params: { name: whole } } as const;
  const password: TextPart = { read, at: "authString" };
  return {
    steps: [{ name: step, title: `Redis ${version} for ${needed.name}`, after: ["apis"], resources: [instance] }],
    outputs: {
      host: { parts: [host], dependsOn: step },
      port: { parts: [port], dependsOn: step },
      user: { parts: ["default"] },
      username: { parts: ["default"] },
      password: { parts: [password], sensitive: true, dependsOn: step },
      name: { parts: ["0"] },
      url: { parts: ["redis://:", password, "@", host, ":", port], sensitive: true, dependsOn: step },
    },
    lines: [cacheLine(setting.region, needed.name, gb, wish.standby)],
  };
}
