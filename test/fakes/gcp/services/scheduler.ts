import { invalid, notFound } from "../errors.ts";
import {
  canonical,
  createResource,
  deleteResource,
  getResource,
  type Handler,
  hasServiceAccount,
  refuse,
  timestamp,
} from "../google.ts";
import { textAt } from "../project.ts";

const cron = /^(\S+\s+){4}\S+$/;
export const cloudscheduler: Record<string, Handler> = {
  "projects.locations.jobs.create": (call) => {
    const { project, body, params } = call;
    const parent = canonical(project, params.parent ?? "");
    const name = canonical(project, textAt(body, "name"));
    if (!new RegExp(`^${RegExp.escape(parent)}/jobs/[a-zA-Z\\d_-]{1,500}$`).test(name))
      refuse(invalid(`Job name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/jobs/<JOB_ID>".`));
    if (!project.regions.has(parent.split("/")[3] ?? "")) refuse(notFound(`Location ${parent} is not found`));
    if (!cron.test(textAt(body, "schedule")) && !/^every /.test(textAt(body, "schedule")))
      refuse(invalid(`Schedule or time zone is invalid.`));
    const email = textAt(body, "httpTarget.oauthToken.serviceAccountEmail");
    if (email !== "" && !hasServiceAccount(project, email)) refuse(notFound(`Service account ${email} does not exist`));
    const schedule = createResource(call, "schedule", name, {
      ...body,
      name,
      state: "ENABLED",
      userUpdateTime: timestamp(call.google.now()),
    });
    return { ...schedule.body };
  },
  "projects.locations.jobs.get": (call) => ({ ...getResource(call, call.params.name ?? "", "Job not found.").body }),
  "projects.locations.jobs.delete": (call) => {
    deleteResource(call, getResource(call, call.params.name ?? "", "Job not found.").name);
    return {};
  },
};
