import type { Body } from "../discovery.ts";
import { exists, invalid, precondition } from "../errors.ts";
import { type Handler, refuse } from "../google.ts";
import { operationOf } from "../long-running.ts";
import { shown } from "../operations.ts";
import { policyHandlers } from "../policies.ts";
import { listAt, newProject, type Project, textAt } from "../project.ts";

const projectBody = ({ id, number, displayName }: Project): Body => ({
  name: `projects/${number}`,
  projectId: id,
  displayName,
  state: "ACTIVE",
  etag: 'W/"1"',
});
const projectPolicies = policyHandlers(({ project }) => project);
export const cloudresourcemanager: Record<string, Handler> = {
  "projects.search": ({ google, caller, params }) => ({
    projects: [...google.projects.values()]
      .filter(({ policy }) => policy.bindings.some(({ members }) => members.includes(`user:${caller.email}`)))
      .filter(({ id }) => !/id:/.test(params.query ?? "") || params.query?.includes(id))
      .map(projectBody),
  }),
  "projects.get": ({ project }) => projectBody(project),
  "projects.create": (call) => {
    const { google, body, caller } = call;
    const id = textAt(body, "projectId");
    if (!/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(id))
      refuse(invalid("field [projectId] has issue [project_id contains invalid characters]"));
    if (google.projects.has(id)) refuse(exists("LoggedRequest entity already exists"));
    const number = `${200_000_000_000 + google.projects.size}`;
    const operation = google.operations.start({
      api: "cloudresourcemanager",
      project: id,
      name: `operations/cp.${number}`,
      seconds: 9,
      settle: () => {
        const project = newProject(id, number, caller.email);
        project.displayName = textAt(body, "displayName") || id;
        project.billing = null;
        google.projects.set(id, project);
        return { "@type": "type.googleapis.com/google.cloud.resourcemanager.v3.Project", ...projectBody(project) };
      },
    });
    return shown(operation);
  },
  "projects.getIamPolicy": projectPolicies.getIamPolicy,
  "projects.setIamPolicy": projectPolicies.setIamPolicy,
  "projects.testIamPermissions": ({ project, body, caller }) => {
    const requested = listAt(body, "permissions").map(String);
    if (requested.length > 100) refuse(invalid("A maximum of 100 permissions can be tested in one call."));
    const owner = project.policy.bindings.some(({ members }) => members.includes(`user:${caller.email}`));
    const granted = owner ? requested.filter((permission) => !project.denied.has(permission)) : [];
    return granted.length > 0 ? { permissions: granted } : {};
  },
  "operations.get": operationOf("cloudresourcemanager"),
};

const billingBody = (project: Project): Body => ({
  name: `projects/${project.id}/billingInfo`,
  projectId: project.id,
  billingAccountName: project.billing ?? "",
  billingEnabled: project.billing !== null,
});
export const cloudbilling: Record<string, Handler> = {
  "projects.getBillingInfo": ({ project }) => billingBody(project),
  "projects.updateBillingInfo": ({ project, body, google }) => {
    const name = textAt(body, "billingAccountName");
    if (name !== "" && !google.billingAccounts.some((account) => account.name === name && account.open))
      refuse(precondition("The billing account is not in good standing; therefore no projects can be linked to it."));
    project.billing = name || null;
    return billingBody(project);
  },
  "billingAccounts.list": ({ google }) => ({
    billingAccounts: google.billingAccounts.map((account) => ({ ...account, masterBillingAccount: "" })),
  }),
};
