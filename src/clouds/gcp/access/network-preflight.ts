import { type Note, note } from "../../../result.ts";
import { type Access, OperationalError } from "../../cloud.ts";
import { getString } from "../provision/api/json-path.ts";
import type { ApiCall } from "./interactive-client.ts";
import { effectivePolicy } from "./org-policies.ts";

/** The network that an app with Memorystore goes out by. `isOn`: whether Compute Engine, whose it is, is switched on. */
export async function checkNetwork(
  inside: ApiCall,
  ask: ApiCall,
  region: string,
  { project = "", network = "", subnet = "" }: Access,
  isOn: boolean,
): Promise<Note[]> {
  if (!isOn) return comes(ask, project, network);
  const [net, sub] = await Promise.all([
    found(inside, "networks.get", { project, network }),
    found(inside, "subnetworks.get", { project, region, subnetwork: subnet }),
  ]);
  const list = `https://console.cloud.google.com/networking/networks/list?project=${encodeURIComponent(project)}`;
  if (net === null)
    return [
      note(`The project ${project} has no network called ${network}.`, {
        path: "access.network",
        fix: `Write the name of one that is at ${list}, or make it there.`,
      }),
    ];
  if (sub === null)
    return [
      note(`The project ${project} has no subnet called ${subnet} in ${region}.`, {
        path: "access.subnet",
        fix: `Write the name of one that ${network} has in ${region}, or add it at ${list}.`,
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

/** Switching Compute Engine on makes a network called `default`, unless the organisation does not want one. */
async function comes(ask: ApiCall, project: string, network: string): Promise<Note[]> {
  if (network === "default") {
    const policy = await effectivePolicy(ask, project, "compute.skipDefaultNetworkCreation");
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

/** null: it is not there. What cannot be asked is thrown. */
async function found(ask: ApiCall, method: string, params: Record<string, string>): Promise<unknown> {
  try {
    return await ask({ api: "compute", method, params });
  } catch (error) {
    if (error instanceof OperationalError && /was not found/.test(error.message)) return null;
    throw error;
  }
}
