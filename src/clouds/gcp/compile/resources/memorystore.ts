import type { Resource as Needed } from "../../../../app.ts";
import { cacheLine } from "../../prices.ts";
import type { Data } from "../app-resources.ts";
import type { Setting } from "../context.ts";
import { engine, versionOf } from "../engine-versions.ts";
import { type Part, place, text, told } from "../expressions.ts";
import { labels } from "../labels.ts";
import { named } from "../names.ts";
import { located } from "../resource-builders.ts";
import { wishes } from "../resource-options.ts";

/** Memorystore of one shard, because clients such as Sidekiq and BullMQ cannot speak to a cluster. */
export function redis(setting: Setting, needed: Needed): Omit<Data, "needed"> {
  const { app, settings } = setting;
  const wish = wishes(needed, setting);
  const version = versionOf("redis", needed.version);
  const step = setting.step(needed.name, "redis");
  const name = named(app.slug, setting.suffix(needed.name, "redis"));
  const gb = settings.cache[needed.size];
  const instance = located({
    id: "instance",
    api: "redis",
    collection: "instances",
    key: "instanceId",
    name,
    body: {
      tier: wish.standby ? "STANDARD_HA" : "BASIC",
      memorySizeGb: gb,
      redisVersion: engine("redis", version),
      authorizedNetwork: text({ is: "network" }),
      connectMode: "DIRECT_PEERING",
      authEnabled: true,
      // Its certificates are of an authority that no image knows; nobody but this network hears the connection.
      transitEncryptionMode: "DISABLED",
      redisConfigs: { "maxmemory-policy": wish.eviction },
      persistenceConfig: { persistenceMode: "RDB", rdbSnapshotPeriod: "ONE_HOUR" },
      labels: labels(app),
    },
    tells: { host: "host", port: "port" },
  });
  const host = told(step, "instance", "host");
  const port = told(step, "instance", "port");
  const whole = text(...place, "/instances/", ...name);
  const read = { api: "redis", method: "projects.locations.instances.getAuthString", params: { name: whole } } as const;
  const password: Part = { read, at: "authString" };
  return {
    steps: [{ name: step, title: `Redis ${version} for ${needed.name}`, after: ["apis"], resources: [instance] }],
    tells: {
      host: { parts: [host], from: step },
      port: { parts: [port], from: step },
      user: { parts: ["default"] },
      username: { parts: ["default"] },
      password: { parts: [password], hidden: true, from: step },
      name: { parts: ["0"] },
      url: { parts: ["redis://:", password, "@", host, ":", port], hidden: true, from: step },
    },
    lines: [cacheLine(setting.region, needed.name, gb, wish.standby)],
  };
}
