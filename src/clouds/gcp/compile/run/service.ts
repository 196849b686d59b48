import { portOf } from "../../../services.ts";
import { serviceLine, workerLine } from "../../prices.ts";
import type { Resource, Thing } from "../../stack.ts";
import type { Piece, Setting } from "../context.ts";
import { type Fields, type Part, place } from "../expressions.ts";
import { labels } from "../labels.ts";
import { named } from "../names.ts";
import { grant, located } from "../resource-builders.ts";
import { type Around, instance } from "./revision-template.ts";
import type { Served } from "./services.ts";

/** What a project may have before it asks Google for more: https://cloud.google.com/run/quotas */
const mostInstances = 100;
const allowed = (count: number) => Math.min(count, mostInstances);

/** How often a service runs at least and at most; one that may sleep is started by a request. */
function counts({ service: { scale } }: Served, { settings }: Setting): { min: number; max: number } {
  const min = scale.min === 0 ? 0 : Math.max(scale.min, settings.atLeast);
  return { min: allowed(min), max: allowed(Math.max(scale.max, min, 1)) };
}

/** A service on Cloud Run, or a pool of workers when it answers nobody. */
export function service(setting: Setting, one: Served, around: Around): Piece {
  const { app, region, settings } = setting;
  const { name } = one.service;
  const { template, size, after } = instance(setting, one.service, around);
  const called = named(app.slug, one.suffix);
  const { min, max } = counts(one, setting);
  const workers = allowed(one.service.scale.min);
  const answers = portOf(one.service) !== null;
  const scaling = { minInstanceCount: min, maxInstanceCount: max };
  return {
    steps: [
      {
        name: one.step,
        title: `Start ${name}`,
        after,
        resources: answers
          ? answering(setting, one, called, { ...template, scaling })
          : [pool(setting, called, template, workers)],
      },
    ],
    lines: [
      answers
        ? serviceLine(region, name, size, { count: min, alwaysOn: settings.alwaysOn })
        : workerLine(region, name, size, workers),
    ],
  };
}

/** An hour, the longest there is: for downloads, uploads and sockets that stay open. */
const longestAnswer = "3600s";

function answering({ app }: Setting, { service: wanted }: Served, name: Part[], template: Fields): Resource[] {
  const made = located({
    id: "service",
    api: "run",
    collection: "services",
    key: "serviceId",
    name,
    body: {
      labels: labels(app),
      ingress: wanted.public ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY",
      invokerIamDisabled: { $when: { opening: "unchecked" }, value: true },
      template: { ...template, timeout: longestAnswer, executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2" },
    },
  });
  const everybody = grant({
    id: "everybody",
    api: "run",
    on: "projects.locations.services",
    name: [...place, "/services/", ...name],
    role: "roles/run.invoker",
    member: "allUsers",
  });
  return [made, { ...everybody, when: { opening: "granted" } }];
}

const pool = ({ app }: Setting, name: Part[], template: Fields, count: number): Thing =>
  located({
    id: "workers",
    api: "run",
    collection: "workerPools",
    key: "workerPoolId",
    name,
    body: { labels: labels(app), template, scaling: { manualInstanceCount: count } },
  });
