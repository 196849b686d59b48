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

/** Most in one call: https://cloud.google.com/service-usage/docs/reference/rest/v1/services/batchEnable */
const most = 20;

/** The APIs are left switched on when the app is removed: others may use them by then. */
export function enableApisStep(uses: RequiredFeatures): Step {
  const names = [
    "run",
    "iam",
    "cloudresourcemanager",
    "logging",
    ...(uses.builds ? ["cloudbuild"] : []),
    ...(uses.builds || uses.images ? ["artifactregistry"] : []),
    ...(uses.sql ? ["sqladmin"] : []),
    ...(uses.redis ? ["redis", "compute"] : []),
    ...(uses.buckets ? ["storage"] : []),
    ...(uses.secrets ? ["secretmanager"] : []),
    ...(uses.schedule ? ["cloudscheduler"] : []),
  ];
  const calls = Array.from({ length: Math.ceil(names.length / most) }, (_, call) =>
    names.slice(call * most, (call + 1) * most),
  );
  return {
    name: "apis",
    title: "Switch on the APIs it needs",
    after: [],
    resources: calls.map((some, index) => ({
      id: `enable-${index + 1}`,
      kind: "act",
      start: {
        api: "serviceusage",
        method: "services.batchEnable",
        params: { parent: concat("projects/", projectNumber) },
        body: { serviceIds: some.map((name) => `${name}.googleapis.com`) },
      },
    })),
  };
}
