import { type Note, note } from "../../../result.ts";
import { type Access, OperationalError } from "../../cloud.ts";
import { GoogleApiError } from "../provision/api/errors.ts";
import { getString } from "../provision/api/json-path.ts";
import type { ApiCall } from "./interactive-client.ts";
import { effectivePolicy } from "./org-policies.ts";

/** Checks the network and subnet through which an app reaches Memorystore. */
export async function checkNetwork(
  projectCall: ApiCall,
  call: ApiCall,
  region: string,
  { project = "", network = "", subnet = "" }: Access,
  isComputeEnabled: boolean,
): Promise<Note[]> {
  if (!isComputeEnabled) return missingNetwork(call, project, network);
  const [net, sub] = await Promise.all([
    get(projectCall, "networks.get", { project, network }),
    get(projectCall, "subnetworks.get", { project, region, subnetwork: subnet }),
  ]);
  const consoleUrl = `https://console.cloud.google.com/networking/networks/list?project=${encodeURIComponent(project)}`;
  if (net === null)
    return [
      note(`The project ${project} has no network called ${network}.`, {
        path: "access.network",
        fix: `Write the name of one that is at ${consoleUrl}, or make it there.`,
      }),
    ];
  if (sub === null)
    return [
      note(`The project ${project} has no subnet called ${subnet} in ${region}.`, {
        path: "access.subnet",
        fix: `Write the name of one that ${network} has in ${region}, or add it at ${consoleUrl}.`,
      }),
    ];
  const owner = getString(sub, "network").split("/").at(-1);
  if (owner === network) return [];
  return [
    note(`The subnet ${subnet} in ${region} is one of ${owner}, not of ${network}.`, {
      path: "access.subnet",
      fix: `Write ${owner} as the network, or another subnet.`,
    }),
  ];
}

/** Enabling Compute Engine creates a network called `default`, unless an organisation policy prevents it. */
async function missingNetwork(call: ApiCall, project: string, network: string): Promise<Note[]> {
  if (network === "default") {
    const policy = await effectivePolicy(call, project, "compute.skipDefaultNetworkCreation");
    if (!policy?.enforced) return [];
  }
  return [
    note(
      `The project ${project} has no network called ${network}: Compute Engine, whose it would be, is switched off.`,
      {
        path: "access.network",
        fix: `Make the network first, at https://console.cloud.google.com/networking/networks/add?project=${encodeURIComponent(project)}`,
      },
    ),
  ];
}

/** Returns the network or subnet; null if it does not exist. Throws if it cannot be read. */
async function get(call: ApiCall, method: string, params: Record<string, string>): Promise<unknown> {
  try {
    return await call({ api: "compute", method, params });
  } catch (error) {
    if (error instanceof OperationalError && error.cause instanceof GoogleApiError && error.cause.status === 404)
      return null;
    throw error;
  }
}
