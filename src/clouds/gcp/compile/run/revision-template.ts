import type { Service, Volume } from "../../../../app.ts";
import { portOf } from "../../../services.ts";
import { type Limits, sizes, total } from "../../presets.ts";
import type { Data } from "../app-resources.ts";
import type { Setting } from "../context.ts";
import type { Entry, Environment } from "../environment.ts";
import { type Fields, text } from "../expressions.ts";
import { imageReady } from "../resources/artifact-registry.ts";
import { accountEmail } from "../resources/service-accounts.ts";
import { proxies, proxySize } from "./cloud-sql-proxy.ts";
import { container } from "./container.ts";
import { type Folder, mounted } from "./gcs-volumes.ts";
import { probes } from "./probes.ts";
import { companions } from "./services.ts";

/** What every container finds around itself, and waits for. */
export interface Around {
  environment: Environment;
  all: Data[];
  folder: (volume: Volume) => Folder | undefined;
  /** The steps that every container waits for. */
  after: string[];
}

/** The way out to Memorystore, for those who have one. */
export const network = (all: Data[]): Fields =>
  all.some(({ needed }) => needed.type === "redis")
    ? {
        vpcAccess: {
          networkInterfaces: [{ network: text({ is: "network" }), subnetwork: text({ is: "subnet" }) }],
          egress: "PRIVATE_RANGES_ONLY",
        },
      }
    : {};

interface Instance {
  template: Fields;
  /** Of all containers together. */
  size: Limits;
  /** The steps that have to be done before. */
  after: string[];
}

/** An instance of a service: its container, those that stand beside it, and their folders. */
export function instance(setting: Setting, wanted: Service, around: Around): Instance {
  const { app, settings } = setting;
  const { environment, all, folder } = around;
  const port = portOf(wanted);
  const alwaysOn = port !== null && settings.alwaysOn;
  const billing: Fields = port === null ? {} : { cpuIdle: !alwaysOn, startupCpuBoost: true };
  const beside = companions(app);
  const inside = [wanted, ...beside];
  const sidecars = proxies(setting, all, billing);
  const proxied = sidecars.length > 0;
  const make = (service: Service, name: string, more: Fields, own: Entry[] = []) =>
    container(
      setting,
      {
        name,
        build: service.build ?? app.build,
        command: service.command,
        entries: [...environment.entries, ...(environment.own.get(service) ?? []), ...own],
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
      serviceAccount: text(accountEmail("run")),
      containers: [
        make(wanted, "app", listens),
        ...beside.map((other, index) => {
          // Only the container that requests come to is told its port by Cloud Run.
          return make(other, `beside-${index + 1}`, {}, [{ name: "PORT", value: `${other.port}` }]);
        }),
        ...sidecars,
      ],
      ...(folders.length > 0 ? { volumes: folders.map(mounted) } : {}),
      ...network(all),
    },
    size: total([...inside.map((service) => sizes[service.size]), ...(proxied ? [proxySize] : [])]),
    after: [
      ...around.after,
      ...inside.flatMap((service) => imageReady(app, service.build ?? app.build)),
      ...folders.map(({ step }) => step),
    ],
  };
}
