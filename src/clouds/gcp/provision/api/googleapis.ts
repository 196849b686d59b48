import type { Api } from "../../stack.ts";

/** The signature of every method of Google's SDK. */
export type Method = (params: object, options: object) => Promise<{ data: unknown }>;

// Each API is loaded on first use: together they take 175 MB.
const loaders: { [api in Api]: () => Promise<object> } = {
  async artifactregistry() {
    const { artifactregistry_v1: api } = await import("googleapis/build/src/apis/artifactregistry/v1.js");
    return new api.Artifactregistry({});
  },
  async cloudbilling() {
    const { cloudbilling_v1: api } = await import("googleapis/build/src/apis/cloudbilling/v1.js");
    return new api.Cloudbilling({});
  },
  async cloudbuild() {
    const { cloudbuild_v1: api } = await import("googleapis/build/src/apis/cloudbuild/v1.js");
    return new api.Cloudbuild({});
  },
  async cloudresourcemanager() {
    const { cloudresourcemanager_v3: api } = await import("googleapis/build/src/apis/cloudresourcemanager/v3.js");
    return new api.Cloudresourcemanager({});
  },
  async cloudscheduler() {
    const { cloudscheduler_v1: api } = await import("googleapis/build/src/apis/cloudscheduler/v1.js");
    return new api.Cloudscheduler({});
  },
  async compute() {
    const { compute_v1: api } = await import("googleapis/build/src/apis/compute/v1.js");
    return new api.Compute({});
  },
  async iam() {
    const { iam_v1: api } = await import("googleapis/build/src/apis/iam/v1.js");
    return new api.Iam({});
  },
  async logging() {
    const { logging_v2: api } = await import("googleapis/build/src/apis/logging/v2.js");
    return new api.Logging({});
  },
  async orgpolicy() {
    const { orgpolicy_v2: api } = await import("googleapis/build/src/apis/orgpolicy/v2.js");
    return new api.Orgpolicy({});
  },
  async redis() {
    const { redis_v1: api } = await import("googleapis/build/src/apis/redis/v1.js");
    return new api.Redis({});
  },
  async run() {
    const { run_v2: api } = await import("googleapis/build/src/apis/run/v2.js");
    return new api.Run({});
  },
  async secretmanager() {
    const { secretmanager_v1: api } = await import("googleapis/build/src/apis/secretmanager/v1.js");
    return new api.Secretmanager({});
  },
  async serviceusage() {
    const { serviceusage_v1: api } = await import("googleapis/build/src/apis/serviceusage/v1.js");
    return new api.Serviceusage({});
  },
  async sqladmin() {
    const { sqladmin_v1beta4: api } = await import("googleapis/build/src/apis/sqladmin/v1beta4.js");
    return new api.Sqladmin({});
  },
  async storage() {
    const { storage_v1: api } = await import("googleapis/build/src/apis/storage/v1.js");
    return new api.Storage({});
  },
};

const loaded = new Map<Api, Promise<object>>();

/** Returns a method by its name in the discovery documents, such as `projects.locations.services.create`. */
export async function apiMethod(api: Api, name: string): Promise<Method> {
  const loading = loaded.get(api) ?? loaders[api]();
  loaded.set(api, loading);
  let current: unknown = await loading;
  let owner: unknown = null;
  for (const part of name.split(".")) {
    owner = current;
    current = typeof current === "object" && current !== null ? (current as Record<string, unknown>)[part] : undefined;
  }
  if (typeof current !== "function") throw new Error(`Google's SDK has no method ${api}.${name}`);
  return current.bind(owner) as Method;
}
