import type { Body } from "../discovery.ts";
import { invalid, noBillingAccount, notFound } from "../errors.ts";
import { type Call, type Handler, refuse } from "../google.ts";
import { begin, operationOf } from "../long-running.ts";
import { listAt, type Project } from "../project.ts";

/** How long an enabled API takes to propagate. */
export const apiPropagationSeconds = 20;
const billedServices = new Set(
  "run cloudbuild artifactregistry sqladmin secretmanager compute redis cloudscheduler"
    .split(" ")
    .map((name) => `${name}.googleapis.com`),
);
const serviceBody = (project: Project, id: string): Body => ({
  name: `projects/${project.number}/services/${id}`,
  parent: `projects/${project.number}`,
  config: { name: id, title: id },
  state: project.enabled.has(id) ? "ENABLED" : "DISABLED",
});
const enable = (call: Call, ids: string[]) => {
  const { google, project } = call;
  for (const id of ids)
    if (!/^[a-z0-9.-]+\.googleapis\.com$/.test(id)) refuse(notFound(`Service '${id}' not found or permission denied.`));
  const billedIds = ids.filter((id) => billedServices.has(id));
  if (project.billing === null && billedIds.length > 0) refuse(noBillingAccount(project.number, billedIds));
  if (ids.every((id) => (project.enabled.get(id) ?? Infinity) <= google.now()))
    return {
      name: "operations/noop.DONE_OPERATION",
      done: true,
      response: { services: ids.map((id) => serviceBody(project, id)) },
    };
  return begin("serviceusage", call, "", 12, () => {
    for (const id of ids)
      if (!project.enabled.has(id)) project.enabled.set(id, google.now() + apiPropagationSeconds * google.pace());
    return { services: ids.map((id) => serviceBody(project, id)) };
  });
};
export const serviceusage: Record<string, Handler> = {
  "services.batchEnable": (call) => {
    const ids = listAt(call.body, "serviceIds").map(String);
    if (ids.length > 20) refuse(invalid("Cannot enable more than 20 services in a single call."));
    if (ids.length === 0) refuse(invalid("No services were specified."));
    return enable(call, ids);
  },
  "services.enable": (call) => enable(call, [call.params.name?.split("/").at(-1) ?? ""]),
  "services.get": ({ project, params }) => serviceBody(project, params.name?.split("/").at(-1) ?? ""),
  "services.batchGet": ({ project, lists }) => ({
    services: (lists.names ?? []).map((name) => serviceBody(project, name.split("/").at(-1) ?? "")),
  }),
  "operations.get": operationOf("serviceusage"),
};
