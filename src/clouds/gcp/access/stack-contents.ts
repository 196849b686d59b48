import { getPath } from "../provision/api/json-path.ts";
import { findReferences } from "../references.ts";
import type { Api, ApiRequest, Resource, Stack } from "../stack.ts";

// What a stack contains, as far as checks before a deployment depend on it.

const resourcesOf = ({ steps }: Stack): Resource[] => steps.flatMap(({ resources }) => resources);

/** Returns the requests that create a resource with this method. */
const creations = (stack: Stack, api: Api, method: string): ApiRequest[] =>
  resourcesOf(stack).flatMap((resource) =>
    resource.kind === "thing" && resource.create.api === api && resource.create.method === method
      ? [resource.create]
      : [],
  );

export const createsServiceAccounts = (stack: Stack): boolean =>
  creations(stack, "iam", "projects.serviceAccounts.create").length > 0;

export const createsRedis = (stack: Stack): boolean =>
  creations(stack, "redis", "projects.locations.instances.create").length > 0;

export const usesHmacKey = (stack: Stack): boolean => resourcesOf(stack).some(({ kind }) => kind === "key");

/** Whether a service is reachable from the internet. */
export const hasPublicService = (stack: Stack): boolean =>
  creations(stack, "run", "projects.locations.services.create").some(
    ({ body }) => getPath(body, "ingress") === "INGRESS_TRAFFIC_ALL",
  );

/** Whether a database has a public IP address. */
export const hasPublicDatabase = (stack: Stack): boolean =>
  creations(stack, "sqladmin", "instances.insert").some(
    ({ body }) => getPath(body, "settings.ipConfiguration.ipv4Enabled") === true,
  );

/** Whether an app reaches something through the visitor's network. */
export const usesSubnet = (stack: Stack): boolean =>
  [...findReferences(stack.steps)].some((reference) => "is" in reference && reference.is === "subnet");
