import type { Service, Volume } from "../../app.ts";
import { accountEmail } from "./accounts.ts";
import { container } from "./containers.ts";
import type { Data } from "./data.ts";
import type { Entry, Environment } from "./environment.ts";
import { imageReady } from "./images.ts";
import { labels } from "./labels.ts";
import { named } from "./names.ts";
import type { Piece, Setting } from "./piece.ts";
import { type Limits, sizes } from "./presets.ts";
import { serviceLine, workerLine } from "./prices.ts";
import { probes } from "./probes.ts";
import { proxies, proxySize } from "./proxy.ts";
import { companions, portOf, type Served } from "./served.ts";
import type { Resource, Thing } from "./stack.ts";
import { type Fields, place, text } from "./text.ts";
import { grant, located } from "./things.ts";
import { type Folder, mounted } from "./volumes.ts";

export interface Around {
  environment: Environment;
  all: Data[];
  folder: (volume: Volume) => Folder | undefined;
  /** The steps that every container waits for. */
  after: string[];
}

/** What a project may have before it asks Google for more: https://cloud.google.com/run/quotas */
const mostInstances = 100;
const allowed = (count: number) => Math.min(count, mostInstances);

/** How often a service runs at least and at most; one that may sleep is started by a request. */
export function counts({ service: { scale } }: Served, { settings }: Setting): { min: number; max: number } {
  const min = scale.min === 0 ? 0 : Math.max(scale.min, settings.atLeast);
  return { min: allowed(min), max: allowed(Math.max(scale.max, min, 1)) };
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

const total = (all: Limits[]): Limits => ({
  cpu: all.reduce((sum, { cpu }) => sum + cpu, 0),
  memory: all.reduce((sum, { memory }) => sum + memory, 0),
});

/** A service on Cloud Run, or a pool of workers when it answers nobody. */
export function service(setting: Setting, one: Served, around: Around): Piece {
  const { app, settings, region } = setting;
  const { service: wanted, suffix, step } = one;
  const { all, folder } = around;
  const port = portOf(wanted);
  const answers = port !== null;
  const alwaysOn = answers && settings.alwaysOn;
  const billing: Fields = answers ? { cpuIdle: !alwaysOn, startupCpuBoost: true } : {};
  const beside = companions(app);
  const sidecars = proxies(setting, all, { alwaysOn, billing });
  const proxied = sidecars.length > 0;
  const make = (which: Service, name: string, more: Fields, own: Entry[] = []) =>
    container(
      setting,
      {
        name,
        build: which.build ?? app.build,
        command: which.command,
        entries: [...around.environment.entries, ...(around.environment.own.get(which) ?? []), ...own],
        resources: sizes[which.size],
        more,
        billing,
        volumes: which.volumes ?? [],
      },
      { proxied, folder },
    );
  const containers = [
    make(wanted, "app", answers ? { ports: [{ containerPort: port }], ...probes(wanted, port, settings) } : {}),
    ...beside.map((other, index) => make(other, `beside-${index + 1}`, {}, [{ name: "PORT", value: `${other.port}` }])),
    ...sidecars,
  ];
  const inside = [wanted, ...beside];
  const used = [
    ...new Map(
      inside
        .flatMap((which) => which.volumes ?? [])
        .flatMap((volume) => {
          const found = folder(volume);
          return found ? [[found.name, found] as const] : [];
        }),
    ).values(),
  ];
  const template: Fields = {
    serviceAccount: text(accountEmail("run")),
    containers,
    ...(used.length > 0 ? { volumes: used.map(mounted) } : {}),
    ...network(all),
  };
  const { min, max } = counts(one, setting);
  const size = total([...inside.map((which) => sizes[which.size]), ...(proxied ? [proxySize(alwaysOn)] : [])]);
  const name = named(app.slug, suffix);
  const resources: Resource[] = answers
    ? running(setting, one, name, { ...template, scaling: { minInstanceCount: min, maxInstanceCount: max } })
    : [pool(setting, name, template, allowed(wanted.scale.min))];
  return {
    steps: [
      {
        name: step,
        title: `Start ${wanted.name}`,
        after: [
          ...new Set([
            ...around.after,
            ...inside.flatMap((which) => imageReady(app, which.build ?? app.build)),
            ...used.map((one) => one.step),
          ]),
        ],
        resources,
      },
    ],
    lines: [
      answers
        ? serviceLine(region, wanted.name, size, { count: min, alwaysOn })
        : workerLine(region, wanted.name, size, allowed(wanted.scale.min)),
    ],
  };
}

/** An hour, the longest there is: for downloads, uploads and sockets that stay open. */
const longestAnswer = "3600s";

function running({ app }: Setting, { service: wanted }: Served, name: ReturnType<typeof named>, template: Fields) {
  const open = wanted.public;
  const made: Thing = located({
    id: "service",
    api: "run",
    collection: "services",
    key: "serviceId",
    name,
    body: {
      labels: labels(app),
      ingress: open ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY",
      invokerIamDisabled: { $when: { opening: "unchecked" }, value: true },
      template: { ...template, timeout: longestAnswer, executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2" },
    },
    tells: { url: "uri" },
  });
  const everybody = grant({
    id: "everybody",
    api: "run",
    on: "projects.locations.services",
    name: [...place, "/services/", ...name],
    role: "roles/run.invoker",
    member: "allUsers",
  });
  return [made, { ...everybody, when: { opening: "granted" as const } }];
}

const pool = ({ app }: Setting, name: ReturnType<typeof named>, template: Fields, count: number): Thing =>
  located({
    id: "workers",
    api: "run",
    collection: "workerPools",
    key: "workerPoolId",
    name,
    body: { labels: labels(app), template, scaling: { manualInstanceCount: count } },
  });
