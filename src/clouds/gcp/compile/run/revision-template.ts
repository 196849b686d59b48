import type { Service, Volume } from "../../../../app.ts";
import { listeningPort } from "../../../services.ts";
import { type Limits, sizes, sumLimits } from "../../presets.ts";
import type { CompiledResource } from "../compiled-resource.ts";
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

/** What the containers of all services share. */
export interface TemplateInputs {
  environment: Environment;
  resources: CompiledResource[];
  bucketFor: (volume: Volume) => MountedBucket | undefined;
  after: string[];
}

/** Connects to the network of Memorystore, if the app has one. */
export const directVpcEgress = (resources: CompiledResource[]): JsonObject =>
  resources.some(({ resource }) => resource.type === "redis")
    ? {
        vpcAccess: {
          networkInterfaces: [{ network: concat({ is: "network" }), subnetwork: concat({ is: "subnet" }) }],
          egress: "PRIVATE_RANGES_ONLY",
        },
      }
    : {};

interface Revision {
  template: JsonObject;
  /** The sum of all containers. */
  size: Limits;
  after: string[];
}

/** Builds the revision template of a service: its container, its sidecars and their volumes. */
export function revisionTemplate(context: CompileContext, service: Service, inputs: TemplateInputs): Revision {
  const { app, settings } = context;
  const { environment, resources, bucketFor } = inputs;
  const port = listeningPort(service);
  const alwaysOn = port !== null && settings.cpuAlwaysAllocated;
  const billing: JsonObject = port === null ? {} : { cpuIdle: !alwaysOn, startupCpuBoost: true };
  const sidecars = sidecarServices(app);
  const services = [service, ...sidecars];
  const proxyContainers = sqlProxyContainers(context, resources, billing);
  const hasProxy = proxyContainers.length > 0;
  const createContainer = (service: Service, name: string, overrides: JsonObject, extraEntries: EnvEntry[] = []) =>
    container(
      context,
      {
        name,
        build: service.build ?? app.build,
        process: service,
        entries: [...environment.entries, ...(environment.perService.get(service) ?? []), ...extraEntries],
        resources: sizes[service.size],
        overrides: overrides,
        billing,
        volumes: service.volumes ?? [],
      },
      { proxied: hasProxy, bucketFor: bucketFor },
    );
  const portAndProbes = port === null ? {} : { ports: [{ containerPort: port }], ...probes(service, port, settings) };
  const volumes = services.flatMap((service) => service.volumes ?? []);
  const mountedBuckets = [...new Set(volumes.flatMap((volume) => bucketFor(volume) ?? []))];
  return {
    template: {
      serviceAccount: concat(accountEmail("run")),
      containers: [
        createContainer(service, "app", portAndProbes),
        ...sidecars.map((other, index) => {
          // Cloud Run sets PORT only in the container that receives requests.
          return createContainer(other, `beside-${index + 1}`, {}, [{ name: "PORT", value: `${other.port}` }]);
        }),
        ...proxyContainers,
      ],
      ...(mountedBuckets.length > 0 ? { volumes: mountedBuckets.map(gcsVolume) } : {}),
      ...directVpcEgress(resources),
    },
    size: sumLimits([...services.map((service) => sizes[service.size]), ...(hasProxy ? [proxySize] : [])]),
    after: [
      ...inputs.after,
      ...services.flatMap((service) => imageSteps(app, service.build ?? app.build)),
      ...mountedBuckets.map(({ step }) => step),
    ],
  };
}
