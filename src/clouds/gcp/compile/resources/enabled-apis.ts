import type { Step } from "../../stack.ts";
import { concat, projectNumber } from "../expressions.ts";

export interface RequiredFeatures {
  builds: boolean;
  images: boolean;
  sql: boolean;
  redis: boolean;
  buckets: boolean;
  secrets: boolean;
  schedule: boolean;
}

/** The limit per call: https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchEnable */
const maxApisPerCall = 20;

/** Enables the APIs. Removal leaves them enabled, because other apps may use them by then. */
export function enableApisStep(features: RequiredFeatures): Step {
  const names = [
    "run",
    "iam",
    "cloudresourcemanager",
    "logging",
    ...(features.builds ? ["cloudbuild"] : []),
    ...(features.builds || features.images ? ["artifactregistry"] : []),
    ...(features.sql ? ["sqladmin"] : []),
    ...(features.redis ? ["redis", "compute"] : []),
    ...(features.buckets ? ["storage"] : []),
    ...(features.secrets ? ["secretmanager"] : []),
    ...(features.schedule ? ["cloudscheduler"] : []),
  ];
  const batches = Array.from({ length: Math.ceil(names.length / maxApisPerCall) }, (_, batch) =>
    names.slice(batch * maxApisPerCall, (batch + 1) * maxApisPerCall),
  );
  return {
    name: "apis",
    title: "Switch on the APIs it needs",
    after: [],
    resources: batches.map((serviceNames, index) => ({
      id: `enable-${index + 1}`,
      kind: "act",
      start: {
        api: "serviceusage",
        method: "services.batchEnable",
        params: { parent: concat("projects/", projectNumber) },
        body: { serviceIds: serviceNames.map((name) => `${name}.googleapis.com`) },
      },
    })),
  };
}
