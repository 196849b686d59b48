import type { Body } from "../discovery.ts";
import { notFound } from "../errors.ts";
import { type Handler, refuse } from "../google.ts";
import type { Project } from "../project.ts";

const links = (project: Project) => `https://www.googleapis.com/compute/v1/projects/${project.id}`;
const requireNetwork = (project: Project, kind: string, name: string, region?: string) =>
  [...project.resources.values()].find(
    (resource) =>
      resource.kind === kind &&
      resource.body.name === name &&
      (region === undefined || resource.internal.region === region),
  ) ??
  refuse(
    notFound(
      `The resource 'projects/${project.id}/${region ? `regions/${region}/subnetworks` : "global/networks"}/${name}' was not found`,
    ),
  );
const listNetworks = (project: Project, kind: string, region?: string) =>
  [...project.resources.values()].filter(
    (resource) => resource.kind === kind && (region === undefined || resource.internal.region === region),
  );
export const compute: Record<string, Handler> = {
  "networks.get": ({ project, params }) => ({ ...requireNetwork(project, "network", params.network ?? "").body }),
  "networks.list": ({ project }) => ({
    kind: "compute#networkList",
    items: listNetworks(project, "network").map(({ body }) => body),
  }),
  "subnetworks.get": ({ project, params }) => ({
    ...requireNetwork(project, "subnetwork", params.subnetwork ?? "", params.region ?? "").body,
  }),
  "subnetworks.list": ({ project, params }) => ({
    kind: "compute#subnetworkList",
    items: listNetworks(project, "subnetwork", params.region ?? "").map(({ body }) => body),
  }),
};

/** Adds a network with its subnets: the default one that Google creates with Compute, or a visitor's own. */
export function addNetwork(project: Project, name: string, since: number) {
  const network = `${links(project)}/global/networks/${name}`;
  const addResource = (kind: string, id: string, body: Body, internal: Body = {}) =>
    project.resources.set(`compute/${id}`, { api: "compute", kind, name: id, body, policy: null, since, internal });
  addResource("network", `projects/${project.id}/global/networks/${name}`, {
    kind: "compute#network",
    id: "1234567890123456789",
    name,
    autoCreateSubnetworks: true,
    selfLink: network,
  });
  for (const region of project.regions)
    addResource(
      "subnetwork",
      `projects/${project.id}/regions/${region}/subnetworks/${name}`,
      {
        kind: "compute#subnetwork",
        id: "2345678901234567890",
        name,
        network,
        ipCidrRange: "10.128.0.0/20",
        region: `${links(project)}/regions/${region}`,
        selfLink: `${links(project)}/regions/${region}/subnetworks/${name}`,
        purpose: "PRIVATE",
      },
      { region },
    );
}
