import type { Body } from "../discovery.ts";
import { exists, invalid, notFound } from "../errors.ts";
import {
  type Call,
  createResource,
  deleteResource,
  getResource,
  type Handler,
  hasServiceAccount,
  refuse,
} from "../google.ts";
import { accountPropagationSeconds, markMemberDeleted, policyHandlers } from "../policies.ts";
import { type Project, textAt } from "../project.ts";

const maxAccounts = 100;
const accountName = (project: Project, email: string) => `projects/${project.id}/serviceAccounts/${email}`;
const account = (call: Call, name: string) =>
  getResource(call, name.replace(/\/projects\/-\//, `/projects/${call.project.id}/`), `Unknown service account`);
const accountPolicies = policyHandlers((call) => account(call, call.params.resource ?? ""));
export const iam: Record<string, Handler> = {
  "projects.serviceAccounts.create": (call) => {
    const { project, body } = call;
    const id = textAt(body, "accountId");
    if (!/^[a-z]([-a-z0-9]{4,28}[a-z0-9])$/.test(id))
      refuse(invalid(`The account ID "${id}" does not have a length between 6 and 30.`));
    if (
      textAt(body, "serviceAccount.displayName").length > 100 ||
      textAt(body, "serviceAccount.description").length > 256
    )
      refuse(invalid("The display name or the description is too long."));
    const email = `${id}@${project.id}.iam.gserviceaccount.com`;
    if (hasServiceAccount(project, email))
      refuse(exists(`Service account ${id} already exists within project projects/${project.id}.`));
    if ([...project.resources.values()].filter(({ kind }) => kind === "serviceAccount").length >= maxAccounts)
      refuse({
        status: 429,
        code: "RESOURCE_EXHAUSTED",
        message: "Maximum number of service accounts on project reached.",
      });
    const uniqueId = `1${`${Math.abs(hash(email + call.google.now()))}`.padStart(20, "0")}`;
    const name = accountName(project, email);
    const details = (body.serviceAccount ?? {}) as Body;
    const resource = createResource(call, "serviceAccount", name, {
      ...details,
      name,
      projectId: project.id,
      uniqueId,
      email,
      oauth2ClientId: uniqueId,
    });
    return { ...resource.body };
  },
  "projects.serviceAccounts.get": (call) => {
    const { google } = call;
    const resource = account(call, call.params.name ?? "");
    // A new account takes a while to become visible.
    if (google.now() - resource.since < (accountPropagationSeconds / 4) * google.pace())
      refuse(notFound("Unknown service account"));
    return { ...resource.body };
  },
  "projects.serviceAccounts.delete": (call) => {
    const resource = account(call, call.params.name ?? "");
    deleteResource(call, resource.name);
    markMemberDeleted(call.project, textAt(resource.body, "email"), textAt(resource.body, "uniqueId"));
    return {};
  },
  "projects.serviceAccounts.getIamPolicy": accountPolicies.getIamPolicy,
  "projects.serviceAccounts.setIamPolicy": accountPolicies.setIamPolicy,
};
const hash = (text: string) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);
