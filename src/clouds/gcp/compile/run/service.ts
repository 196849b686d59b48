import { listeningPort } from "../../../services.ts";
import { serviceLine, workerLine } from "../../prices.ts";
import type { ManagedResource, Resource } from "../../stack.ts";
import type { CompileContext, StackFragment } from "../context.ts";
import { type JsonObject, locationPath, type TextPart } from "../expressions.ts";
import { resourceLabels } from "../labels.ts";
import { resourceName } from "../names.ts";
import { iamMember, regionalResource } from "../resource-builders.ts";
import { revisionTemplate, type TemplateInputs } from "./revision-template.ts";
import type { NamedService } from "./services.ts";

/** What a project may have before it asks Google for more: https://cloud.google.com/run/quotas */
const mostInstances = 100;
const allowed = (count: number) => Math.min(count, mostInstances);

/** How often a service runs at least and at most; one that may sleep is started by a request. */
function counts({ service: { scale } }: NamedService, { settings }: CompileContext): { min: number; max: number } {
  const min = scale.min === 0 ? 0 : Math.max(scale.min, settings.minInstances);
  return { min: allowed(min), max: allowed(Math.max(scale.max, min, 1)) };
}

/** A service on Cloud Run, or a pool of workers when it answers nobody. */
export function service(setting: CompileContext, one: NamedService, around: TemplateInputs): StackFragment {
  const { app, region, settings } = setting;
  const { name } = one.service;
  const { template, size, after } = revisionTemplate(setting, one.service, around);
  const called = resourceName(app.slug, one.suffix);
  const { min, max } = counts(one, setting);
  const workers = allowed(one.service.scale.min);
  const answers = listeningPort(one.service) !== null;
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
        ? serviceLine(region, name, size, { count: min, alwaysOn: settings.cpuAlwaysAllocated })
        : workerLine(region, name, size, workers),
    ],
  };
}

/** An hour, the longest there is: for downloads, uploads and sockets that stay open. */
const longestAnswer = "3600s";

function answering(
  { app }: CompileContext,
  { service: wanted }: NamedService,
  name: TextPart[],
  template: JsonObject,
): Resource[] {
  const made = regionalResource({
    id: "service",
    api: "run",
    collection: "services",
    key: "serviceId",
    name,
    body: {
      labels: resourceLabels(app),
      ingress: wanted.public ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY",
      invokerIamDisabled: { $when: { opening: "unchecked" }, value: true },
      template: { ...template, timeout: longestAnswer, executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2" },
    },
  });
  const everybody = iamMember({
    id: "everybody",
    api: "run",
    on: "projects.locations.services",
    name: [...locationPath, "/services/", ...name],
    role: "roles/run.invoker",
    member: "allUsers",
  });
  return [made, { ...everybody, when: { opening: "granted" } }];
}

const pool = ({ app }: CompileContext, name: TextPart[], template: JsonObject, count: number): ManagedResource =>
  regionalResource({
    id: "workers",
    api: "run",
    collection: "workerPools",
    key: "workerPoolId",
    name,
    body: { labels: resourceLabels(app), template, scaling: { manualInstanceCount: count } },
  });
