import { randomUUID } from "node:crypto";
import type { Body } from "./discovery.ts";
import { exists, GoogleError, invalid, noBillingAccount, notFound, precondition } from "./errors.ts";
import { accountThere, type Call, canonical, drop, get, type Handler, put, refuse, stamp, wished } from "./google.ts";
import { shown } from "./operations.ts";
import { bury, policyHandlers, unknownSeconds } from "./policies.ts";
import { at, freshEtag, listAt, newProject, type Project, textAt } from "./project.ts";

// The APIs that are simple: registry, accounts, secrets, schedules, services, projects, billing, networks, policies, logs.

const registryPolicies = policyHandlers((call) => get(call, call.params.resource ?? ""));
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
    const whole = { ...body, name, registryUri, createTime: stamp(google.now()) };
    const thing = put(call, "repository", name, whole, { images: [] });
    return begin("artifactregistry", call, parent, 7, () => {
      const trouble = wished(google, name);
      if (trouble) {
        drop(call, name);
        throw new GoogleError(precondition(trouble));
      }
      return thing.body;
    });
  },
  "projects.locations.repositories.get": (call) => ({ ...get(call, call.params.name ?? "").body }),
  "projects.locations.repositories.delete": (call) => {
    const thing = get(call, call.params.name ?? "");
    return begin("artifactregistry", call, thing.name.split("/").slice(0, 4).join("/"), 6, () => {
      drop(call, thing.name);
      return {};
    });
  },
  "projects.locations.repositories.getIamPolicy": registryPolicies.getIamPolicy,
  "projects.locations.repositories.setIamPolicy": registryPolicies.setIamPolicy,
  "projects.locations.operations.get": operationOf("artifactregistry"),
};

function begin(api: string, call: Call, parent: string, seconds: number, settle: () => Body): Body {
  const { google, project } = call;
  const name = `${parent}${parent === "" ? "" : "/"}operations/${randomUUID()}`;
  return shown(google.operations.begin({ api, project: project.id, name, seconds, settle }));
}

function operationOf(api: string): Handler {
  return (call) => {
    const name = call.params.name ?? "";
    const found = call.google.operations.find(api, call.project ? canonical(call.project, name) : name);
    return found ? shown(found) : refuse(notFound(`Operation ${name} not found`));
  };
}

const mostAccounts = 100;
const accountName = (project: Project, email: string) => `projects/${project.id}/serviceAccounts/${email}`;
const account = (call: Call, name: string) =>
  get(call, name.replace(/\/projects\/-\//, `/projects/${call.project.id}/`), `Unknown service account`);
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
    if (accountThere(project, email))
      refuse(exists(`Service account ${id} already exists within project projects/${project.id}.`));
    if ([...project.things.values()].filter(({ kind }) => kind === "serviceAccount").length >= mostAccounts)
      refuse({
        status: 429,
        code: "RESOURCE_EXHAUSTED",
        message: "Maximum number of service accounts on project reached.",
      });
    const uniqueId = `1${`${Math.abs(hash(email + call.google.now()))}`.padStart(20, "0")}`;
    const name = accountName(project, email);
    const about = (body.serviceAccount ?? {}) as Body;
    const thing = put(call, "serviceAccount", name, {
      ...about,
      name,
      projectId: project.id,
      uniqueId,
      email,
      oauth2ClientId: uniqueId,
    });
    return { ...thing.body };
  },
  "projects.serviceAccounts.get": (call) => {
    const { google } = call;
    const thing = account(call, call.params.name ?? "");
    // It is not seen everywhere at once.
    if (google.now() - thing.since < (unknownSeconds / 4) * google.pace()) refuse(notFound("Unknown service account"));
    return { ...thing.body };
  },
  "projects.serviceAccounts.delete": (call) => {
    const thing = account(call, call.params.name ?? "");
    drop(call, thing.name);
    bury(call.project, textAt(thing.body, "email"), textAt(thing.body, "uniqueId"));
    return {};
  },
  "projects.serviceAccounts.getIamPolicy": accountPolicies.getIamPolicy,
  "projects.serviceAccounts.setIamPolicy": accountPolicies.setIamPolicy,
};
const hash = (text: string) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) | 0, 7);

const secretPolicies = policyHandlers((call) => get(call, call.params.resource ?? ""));
const secretOf = (call: Call, name: string) => get(call, name, `Secret [${canonical(call.project, name)}] not found.`);
export const secretmanager: Record<string, Handler> = {
  "projects.secrets.create": (call) => {
    const { params, project, body, google } = call;
    const id = params.secretId ?? "";
    if (!/^[a-zA-Z0-9_-]{1,255}$/.test(id))
      refuse(invalid(`The provided Secret ID [${id}] does not match the expected format [[a-zA-Z_0-9]+]`));
    if (!at(body, "replication.automatic") && !at(body, "replication.userManaged"))
      refuse(invalid("Replication is required."));
    const name = `projects/${project.id}/secrets/${id}`;
    const shownAs = `projects/${project.number}/secrets/${id}`;
    const thing = put(
      call,
      "secret",
      name,
      { ...body, name: shownAs, createTime: stamp(google.now()), etag: `"${freshEtag()}"` },
      { versions: [] },
    );
    return { ...thing.body };
  },
  "projects.secrets.get": (call) => ({ ...secretOf(call, call.params.name ?? "").body }),
  "projects.secrets.addVersion": (call) => {
    const secret = secretOf(call, call.params.parent ?? "");
    const data = textAt(call.body, "payload.data");
    if (data === "") refuse(invalid("Secret Payload cannot be empty."));
    if (Buffer.from(data, "base64").length > 65_536) refuse(invalid("Secret payload is larger than 65536 bytes."));
    const versions = listAt(secret.hidden, "versions");
    versions.push(Buffer.from(data, "base64").toString("utf8"));
    return version(secret.body, versions.length, call);
  },
  "projects.secrets.versions.list": (call) => {
    const secret = secretOf(call, call.params.parent ?? "");
    const versions = listAt(secret.hidden, "versions").map((_, index) => version(secret.body, index + 1, call));
    return { versions: versions.reverse(), totalSize: versions.length };
  },
  "projects.secrets.versions.get": (call) => {
    const [, name = "", number = ""] = /^(.*)\/versions\/(.*)$/.exec(call.params.name ?? "") ?? [];
    const secret = secretOf(call, name);
    const count = listAt(secret.hidden, "versions").length;
    const wanted = number === "latest" ? count : Number(number);
    if (wanted < 1 || wanted > count) refuse(notFound(`Secret Version [${call.params.name}] not found.`));
    return version(secret.body, wanted, call);
  },
  "projects.secrets.delete": (call) => {
    drop(call, secretOf(call, call.params.name ?? "").name);
    return {};
  },
  "projects.secrets.getIamPolicy": secretPolicies.getIamPolicy,
  "projects.secrets.setIamPolicy": secretPolicies.setIamPolicy,
};
const version = (secret: Body, number: number, { google }: Call): Body => ({
  name: `${secret.name}/versions/${number}`,
  createTime: stamp(google.now()),
  state: "ENABLED",
  replicationStatus: { automatic: {} },
  etag: `"v${number}"`,
});

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
    if (email !== "" && !accountThere(project, email)) refuse(notFound(`Service account ${email} does not exist`));
    const thing = put(call, "schedule", name, {
      ...body,
      name,
      state: "ENABLED",
      userUpdateTime: stamp(call.google.now()),
    });
    return { ...thing.body };
  },
  "projects.locations.jobs.get": (call) => ({ ...get(call, call.params.name ?? "", "Job not found.").body }),
  "projects.locations.jobs.delete": (call) => {
    drop(call, get(call, call.params.name ?? "", "Job not found.").name);
    return {};
  },
};

/** After an API is on, how long not all of Google knows that. */
export const spreadingSeconds = 20;
const billed = new Set(
  "run cloudbuild artifactregistry sqladmin secretmanager compute redis cloudscheduler"
    .split(" ")
    .map((one) => `${one}.googleapis.com`),
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
  const needing = ids.filter((id) => billed.has(id));
  if (project.billing === null && needing.length > 0) refuse(noBillingAccount(project.number, needing));
  if (ids.every((id) => (project.enabled.get(id) ?? Infinity) <= google.now()))
    return {
      name: "operations/noop.DONE_OPERATION",
      done: true,
      response: { services: ids.map((id) => serviceBody(project, id)) },
    };
  return begin("serviceusage", call, "", 12, () => {
    for (const id of ids)
      if (!project.enabled.has(id)) project.enabled.set(id, google.now() + spreadingSeconds * google.pace());
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
    if (google.projects.has(id)) refuse(exists("Requested entity already exists"));
    const number = `${200_000_000_000 + google.projects.size}`;
    const made = google.operations.begin({
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
    return shown(made);
  },
  "projects.getIamPolicy": projectPolicies.getIamPolicy,
  "projects.setIamPolicy": projectPolicies.setIamPolicy,
  "projects.testIamPermissions": ({ project, body, caller }) => {
    const wanted = listAt(body, "permissions").map(String);
    if (wanted.length > 100) refuse(invalid("A maximum of 100 permissions can be tested in one call."));
    const owner = project.policy.bindings.some(({ members }) => members.includes(`user:${caller.email}`));
    const held = owner ? wanted.filter((one) => !project.denied.has(one)) : [];
    return held.length > 0 ? { permissions: held } : {};
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
    if (name !== "" && !google.billingAccounts.some((one) => one.name === name && one.open))
      refuse(precondition("The billing account is not in good standing; therefore no projects can be linked to it."));
    project.billing = name || null;
    return billingBody(project);
  },
  "billingAccounts.list": ({ google }) => ({
    billingAccounts: google.billingAccounts.map((one) => ({ ...one, masterBillingAccount: "" })),
  }),
};

const links = (project: Project) => `https://www.googleapis.com/compute/v1/projects/${project.id}`;
const net = (project: Project, kind: string, name: string, region?: string) =>
  [...project.things.values()].find(
    (one) => one.kind === kind && one.body.name === name && (region === undefined || one.hidden.region === region),
  ) ??
  refuse(
    notFound(
      `The resource 'projects/${project.id}/${region ? `regions/${region}/subnetworks` : "global/networks"}/${name}' was not found`,
    ),
  );
const nets = (project: Project, kind: string, region?: string) =>
  [...project.things.values()].filter(
    (one) => one.kind === kind && (region === undefined || one.hidden.region === region),
  );
export const compute: Record<string, Handler> = {
  "networks.get": ({ project, params }) => ({ ...net(project, "network", params.network ?? "").body }),
  "networks.list": ({ project }) => ({
    kind: "compute#networkList",
    items: nets(project, "network").map(({ body }) => body),
  }),
  "subnetworks.get": ({ project, params }) => ({
    ...net(project, "subnetwork", params.subnetwork ?? "", params.region ?? "").body,
  }),
  "subnetworks.list": ({ project, params }) => ({
    kind: "compute#subnetworkList",
    items: nets(project, "subnetwork", params.region ?? "").map(({ body }) => body),
  }),
};

/** What Google makes itself when Compute is first switched on, and what a visitor may have made. */
export function addNetwork(project: Project, name: string, since: number) {
  const network = `${links(project)}/global/networks/${name}`;
  const things = (kind: string, id: string, body: Body, hidden: Body = {}) =>
    project.things.set(`compute/${id}`, { api: "compute", kind, name: id, body, policy: null, since, hidden });
  things("network", `projects/${project.id}/global/networks/${name}`, {
    kind: "compute#network",
    id: "1234567890123456789",
    name,
    autoCreateSubnetworks: true,
    selfLink: network,
  });
  for (const region of project.regions)
    things(
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

export const orgpolicy: Record<string, Handler> = {
  "projects.policies.getEffectivePolicy": ({ project, params }) => {
    const constraint = params.name?.split("/").at(-1) ?? "";
    const inEffect = project.constraints.get(constraint);
    const rules = !inEffect
      ? [/(require|disable|restrict|skip)/i.test(constraint) ? { enforce: false } : { allowAll: true }]
      : "enforce" in inEffect
        ? [{ enforce: inEffect.enforce }]
        : [{ values: { allowedValues: inEffect.allow } }];
    return { name: `projects/${project.number}/policies/${constraint}`, spec: { rules } };
  },
};

/** The part of the filter language that is used: comparisons joined by AND. */
function matches(filter: string, entry: { [key: string]: unknown }, labels: Record<string, string>): boolean {
  return filter
    .split(/\s+AND\s+/i)
    .filter((one) => one.trim() !== "")
    .every((term) => {
      const [, key = "", operator, value = ""] =
        /^([\w.]+|labels\."[^"]+")\s*(=|>=|>)\s*"([^"]*)"$/.exec(term.trim()) ?? [];
      if (key === "") return refuse(invalid(`Unparseable filter: syntax error in ${term}`));
      const label = /^labels\."(.+)"$/.exec(key)?.[1];
      const found = label ? labels[label] : textAt(entry, key);
      if (operator === "=") return found === value;
      return operator === ">" ? `${found}` > value : `${found}` >= value;
    });
}
export const logging: Record<string, Handler> = {
  "entries.list": ({ google, project, body }) => {
    const entries = google.logs
      .filter(({ at: when, resource }) => when <= google.now() && resource.labels.project_id === project.id)
      .map((one, index) => ({
        one,
        entry: {
          logName: `projects/${project.id}/logs/cloudbuild`,
          resource: one.resource,
          timestamp: stamp(one.at),
          receiveTimestamp: stamp(one.at),
          insertId: `i${google.logs.indexOf(one)}x${index}`,
          labels: one.labels,
          textPayload: one.text,
        },
      }))
      .filter(({ one, entry }) => matches(textAt(body, "filter"), entry, one.labels))
      .map(({ entry }) => entry);
    if (textAt(body, "orderBy") === "timestamp desc") entries.reverse();
    return { entries: entries.slice(0, Number(body.pageSize ?? 50)) };
  },
};
