import { GoogleError, invalid, notFound, precondition } from "../errors.ts";
import {
  canonical,
  createResource,
  creationError,
  deleteResource,
  getResource,
  type Handler,
  refuse,
  timestamp,
} from "../google.ts";
import { begin, operationOf } from "../long-running.ts";
import { policyHandlers } from "../policies.ts";
import { textAt } from "../project.ts";

const registryPolicies = policyHandlers((call) => getResource(call, call.params.resource ?? ""));
export const artifactregistry: Record<string, Handler> = {
  "projects.locations.repositories.create": (call) => {
    const { params, project, body, google } = call;
    const id = params.repositoryId ?? "";
    if (!/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(id)) refuse(invalid(`repository_id "${id}" is not valid`));
    if (textAt(body, "format") === "") refuse(invalid("repository.format is not specified"));
    const parent = canonical(project, params.parent ?? "");
    if (!project.regions.has(parent.split("/")[3] ?? "")) refuse(notFound(`Location ${parent} is not found`));
    const name = `${parent}/repositories/${id}`;
    const registryUri = `${parent.split("/")[3]}-docker.pkg.dev/${project.id}/${id}`;
    const resourceBody = { ...body, name, registryUri, createTime: timestamp(google.now()) };
    const repository = createResource(call, "repository", name, resourceBody, { images: [] });
    return begin("artifactregistry", call, parent, 7, () => {
      const error = creationError(google, name);
      if (error) {
        deleteResource(call, name);
        throw new GoogleError(precondition(error));
      }
      return repository.body;
    });
  },
  "projects.locations.repositories.get": (call) => ({ ...getResource(call, call.params.name ?? "").body }),
  "projects.locations.repositories.delete": (call) => {
    const repository = getResource(call, call.params.name ?? "");
    return begin("artifactregistry", call, repository.name.split("/").slice(0, 4).join("/"), 6, () => {
      deleteResource(call, repository.name);
      return {};
    });
  },
  "projects.locations.repositories.getIamPolicy": registryPolicies.getIamPolicy,
  "projects.locations.repositories.setIamPolicy": registryPolicies.setIamPolicy,
  "projects.locations.operations.get": operationOf("artifactregistry"),
};
