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

/** The default quota of a project: https://cloud.google.com/run/quotas */
const maxInstances = 100;
const clampInstances = (instances: number) => Math.min(instances, maxInstances);

/** Returns the minimum and maximum number of instances; a service with minimum 0 scales to zero. */
function instanceCounts(
  { service: { scale } }: NamedService,
  { settings }: CompileContext,
): { min: number; max: number } {
  const min = scale.min === 0 ? 0 : Math.max(scale.min, settings.minInstances);
  return { min: clampInstances(min), max: clampInstances(Math.max(scale.max, min, 1)) };
}

/** Compiles a Cloud Run service, or a worker pool if it listens on no port. */
export function service(context: CompileContext, namedService: NamedService, inputs: TemplateInputs): StackFragment {
  const { app, region, settings } = context;
  const { name } = namedService.service;
  const { template, size, after } = revisionTemplate(context, namedService.service, inputs);
  const fullName = resourceName(app.slug, namedService.suffix);
  const { min, max } = instanceCounts(namedService, context);
  const workerCount = clampInstances(namedService.service.scale.min);
  const isListening = listeningPort(namedService.service) !== null;
  const scaling = { minInstanceCount: min, maxInstanceCount: max };
  return {
    steps: [
      {
        name: namedService.step,
        title: `Start ${name}`,
        after,
        resources: isListening
          ? serviceResources(context, namedService, fullName, { ...template, scaling })
          : [workerPool(context, fullName, template, workerCount)],
      },
    ],
    lines: [
      isListening
        ? serviceLine(region, name, size, { count: min, alwaysOn: settings.cpuAlwaysAllocated })
        : workerLine(region, name, size, workerCount),
    ],
  };
}

/** The longest timeout there is, for downloads, uploads and WebSockets. */
const requestTimeout = "3600s";

function serviceResources(
  { app }: CompileContext,
  { service }: NamedService,
  name: TextPart[],
  template: JsonObject,
): Resource[] {
  const serviceResource = regionalResource({
    id: "service",
    api: "run",
    collection: "services",
    idParam: "serviceId",
    name,
    body: {
      labels: resourceLabels(app),
      ingress: service.public ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY",
      invokerIamDisabled: { $when: { opening: "unchecked" }, value: true },
      template: { ...template, timeout: requestTimeout, executionEnvironment: "EXECUTION_ENVIRONMENT_GEN2" },
    },
  });
  const publicInvoker = iamMember({
    id: "everybody",
    api: "run",
    collection: "projects.locations.services",
    name: [...locationPath, "/services/", ...name],
    role: "roles/run.invoker",
    member: "allUsers",
  });
  return [serviceResource, { ...publicInvoker, when: { opening: "granted" } }];
}

const workerPool = ({ app }: CompileContext, name: TextPart[], template: JsonObject, count: number): ManagedResource =>
  regionalResource({
    id: "workers",
    api: "run",
    collection: "workerPools",
    idParam: "workerPoolId",
    name,
    body: { labels: resourceLabels(app), template, scaling: { manualInstanceCount: count } },
  });
