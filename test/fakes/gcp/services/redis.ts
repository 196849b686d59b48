import { randomUUID } from "node:crypto";
import { GoogleError, invalid, notFound, precondition } from "../errors.ts";
import {
  type Call,
  canonical,
  createResource,
  creationError,
  deleteResource,
  getResource,
  type Handler,
  refuse,
  timestamp,
} from "../google.ts";
import { shown } from "../operations.ts";
import { type Resource, textAt } from "../project.ts";

const startOperation = (call: Call, instance: Resource, verb: string, seconds: number, settle: () => Resource | null) =>
  shown(
    call.google.operations.start({
      api: "redis",
      project: call.project.id,
      name: `${instance.name.split("/").slice(0, 4).join("/")}/operations/operation-${randomUUID()}`,
      seconds,
      target: instance.name,
      metadata: () => ({
        "@type": "type.googleapis.com/google.cloud.common.OperationMetadata",
        createTime: timestamp(instance.since),
        target: instance.name,
        verb,
        cancelRequested: false,
        apiVersion: "v1",
      }),
      settle: () => ({ ...settle()?.body }),
    }),
  );

export const redis: Record<string, Handler> = {
  "projects.locations.list": ({ project }) => ({
    locations: [...project.regions].map((locationId) => ({
      name: `projects/${project.id}/locations/${locationId}`,
      locationId,
    })),
  }),
  "projects.locations.instances.create": (call) => {
    const { google, params, project, body } = call;
    const id = params.instanceId ?? "";
    if (!/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(id)) refuse(invalid(`instanceId '${id}' is invalid`));
    const location = canonical(project, params.parent ?? "");
    if (!project.regions.has(location.split("/")[3] ?? "")) refuse(notFound(`Location ${location} is not found`));
    const network = textAt(body, "authorizedNetwork").replace(/^.*\/networks\//, "") || "default";
    if (
      ![...project.resources.values()].some((resource) => resource.kind === "network" && resource.body.name === network)
    )
      refuse(invalid(`The network projects/${project.id}/global/networks/${network} was not found`));
    if (textAt(body, "tier") === "STANDARD_HA" && Number(body.memorySizeGb) < 1)
      refuse(invalid("memorySizeGb is too small"));
    if (!/^REDIS_(3_2|4_0|5_0|6_X|7_0|7_2)$/.test(textAt(body, "redisVersion") || "REDIS_7_0"))
      refuse(invalid(`redisVersion ${textAt(body, "redisVersion")} is not supported`));
    const instance = createResource(call, "redis", `${location}/instances/${id}`, {
      ...body,
      name: `${location}/instances/${id}`,
      state: "CREATING",
      createTime: timestamp(google.now()),
    });
    return startOperation(call, instance, "create", 210, () => {
      const error = creationError(google, instance.name);
      if (error) {
        deleteResource(call, instance.name);
        throw new GoogleError(precondition(error));
      }
      instance.body.state = "READY";
      const tls = body.transitEncryptionMode === "SERVER_AUTHENTICATION";
      Object.assign(instance.body, { host: "10.20.30.4", port: tls ? 6378 : 6379 });
      if (tls)
        instance.body.serverCaCerts = [
          { cert: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", serialNumber: "1" },
        ];
      return instance;
    });
  },
  "projects.locations.instances.get": (call) => ({ ...getResource(call, call.params.name ?? "").body }),
  "projects.locations.instances.getAuthString": (call) => {
    const instance = getResource(call, call.params.name ?? "");
    if (instance.body.authEnabled !== true) refuse(precondition("AUTH is not enabled for this instance."));
    if (instance.body.state !== "READY") refuse(precondition("The instance is not ready."));
    return { authString: authString(instance) };
  },
  "projects.locations.instances.delete": (call) => {
    const instance = getResource(call, call.params.name ?? "");
    if (call.google.operations.pendingFor("redis", instance.name).length > 0)
      refuse(precondition("The instance is being created, updated or deleted: unable to queue the operation."));
    instance.body.state = "DELETING";
    return startOperation(call, instance, "delete", 90, () => {
      deleteResource(call, instance.name);
      return null;
    });
  },
  "projects.locations.operations.get": (call) => {
    const operation = call.google.operations.find("redis", canonical(call.project, call.params.name ?? ""));
    return operation ? shown(operation) : refuse(notFound("Operation not found"));
  },
};

/** Returns an instance's password, which Google generates. */
export const authString = ({ name, since }: Resource) => `redis-password-of-${name.split("/").at(-1)}-${since % 997}`;
