import type { Service, Volume } from "../../../../app.ts";
import { listeningPort } from "../../../services.ts";
import { type Limits, sizes, sumLimits } from "../../presets.ts";
import type { CompiledResource } from "../app-resources.ts";
import type { CompileContext } from "../context.ts";
import type { EnvEntry, Environment } from "../environment.ts";
import { concat, type JsonObject } from "../expressions.ts";
import { imageSteps } from "../resources/artifact-registry.ts";
import { accountEmail } from "../resources/service-accounts.ts";
import { proxySize, sqlProxyContainers } from "./cloud-sql-proxy.ts";
import { container } from "./container.ts";
import { gcsVolume, type MountedBucket } from "./gcs-volumes.ts";
import { probes } from "./probes.ts";
import { sidecarServices } from "./services.ts";

/** What every container finds around itself, and waits for. */
export interface TemplateInputs {
  environment: Environment;
  all: CompiledResource[];
  folder: (volume: Volume) => MountedBucket | undefined;
  /** The steps that every container waits for. */
  after: string[];
}

/** The way out to Memorystore, for those who have one. */
export const directVpcEgress = (all: CompiledResource[]): JsonObject =>
  all.some(({ resource: needed }) => needed.type === "redis")
    ? {
        vpcAccess: {
          networkInterfaces: [{ network: concat({ is: "network" }), subnetwork: concat({ is: "subnet" }) }],
          egress: "PRIVATE_RANGES_ONLY",
        },
      }
    : {};

interface Instance {
  template: JsonObject;
  /** Of all containers together. */
  size: Limits;
  /** The steps that have to be done before. */
  after: string[];
}

/** An instance of a service: its container, those that stand beside it, and their folders. */
export function revisionTemplate(setting: CompileContext, wanted: Service, around: TemplateInputs): Instance {
  const { app, settings } = setting;
  const { environment, all, folder } = around;
  const port = listeningPort(wanted);
  const alwaysOn = port !== null && settings.cpuAlwaysAllocated;
  const billing: JsonObject = port === null ? {} : { cpuIdle: !alwaysOn, startupCpuBoost: true };
  const beside = sidecarServices(app);
  const inside = [wanted, ...beside];
  const sidecars = sqlProxyContainers(setting, all, billing);
  const proxied = sidecars.length > 0;
  const make = (service: Service, name: string, more: JsonObject, own: EnvEntry[] = []) =>
    container(
      setting,
      {
        name,
        build: service.build ?? app.build,
        process: service,
        entries: [...environment.entries, ...(environment.perService.get(service) ?? []), ...own],
        resources: sizes[service.size],
        more,
        billing,
        volumes: service.volumes ?? [],
      },
      { proxied, folder },
    );
  const listens = port === null ? {} : { ports: [{ containerPort: port }], ...probes(wanted, port, settings) };
  const volumes = inside.flatMap((service) => service.volumes ?? []);
  const folders = [...new Set(volumes.flatMap((volume) => folder(volume) ?? []))];
  return {
    template: {
      serviceAccount: concat(accountEmail("run")),
      containers: [
        make(wanted, "app", listens),
        ...beside.map((other, index) => {
          // Only the container that requests come to is told its port by Cloud Run.
          return make(other, `beside-${index + 1}`, {}, [{ name: "PORT", value: `${other.port}` }]);
        }),
        ...sidecars,
      ],
      ...(folders.length > 0 ? { volumes: folders.map(gcsVolume) } : {}),
      ...directVpcEgress(all),
    },
    size: sumLimits([...inside.map((service) => sizes[service.size]), ...(proxied ? [proxySize] : [])]),
    after: [
      ...around.after,
      ...inside.flatMap((service) => imageSteps(app, service.build ?? app.build)),
      ...folders.map(({ step }) => step),
    ],
  };
}
