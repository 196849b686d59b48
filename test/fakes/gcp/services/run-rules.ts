import type { Body } from "../discovery.ts";
import { denied, invalid, notFound } from "../errors.ts";
import { type Call, hasServiceAccount, refuse, resourceOf } from "../google.ts";
import { hasBinding, listAt, type Project, textAt, valueAt } from "../project.ts";

// What Cloud Run rejects at once, and what fails only when a revision starts.

const reserved: Record<string, string[]> = {
  services: ["PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"],
  jobs: [
    "CLOUD_RUN_JOB",
    "CLOUD_RUN_EXECUTION",
    "CLOUD_RUN_TASK_INDEX",
    "CLOUD_RUN_TASK_ATTEMPT",
    "CLOUD_RUN_TASK_COUNT",
  ],
  workerPools: ["CLOUD_RUN_WORKER_POOL", "CLOUD_RUN_WORKER_POOL_REVISION"],
};

const gibPerUnit: Record<string, number> = { Ki: 2 ** -20, Mi: 2 ** -10, Gi: 1, "": 2 ** -30 };
const gigabytes = (text: string) =>
  Number.parseFloat(text) * (gibPerUnit[/[KMG]i$/.exec(text)?.[0] ?? ""] ?? Number.NaN);
const cores = (text: string) => (text.endsWith("m") ? Number.parseInt(text, 10) / 1000 : Number(text));

/** Returns the part of a template that holds the containers; in a job it is one level deeper. */
export const taskOf = (kind: string, body: Body): Body =>
  (kind === "jobs" ? valueAt(body, "template.template") : valueAt(body, "template")) as Body;

export function checkRevision(call: Call, kind: string, id: string, body: Body) {
  const { project } = call;
  if (!/^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$/.test(id))
    refuse(
      invalid(
        `Invalid resource name '${id}': must use only lowercase, digits, and hyphens; must begin with letter; may not end with hyphen; must be less than 50 characters.`,
      ),
    );
  const labels = Object.entries((valueAt(body, "labels") ?? {}) as Record<string, string>);
  for (const [key, value] of labels)
    if (!/^[a-z][a-z0-9_-]{0,62}$/.test(key) || !/^[a-z0-9_-]{0,63}$/.test(value))
      refuse(invalid(`Invalid label ${key}: ${value}`));
  const task = taskOf(kind, body);
  const containers = listAt(task, "containers") as Body[];
  if (containers.length === 0)
    refuse(invalid("template.containers: Revision template should contain at least one container."));
  const names = containers.map((container) => textAt(container, "name"));
  if (containers.length > 1 && (names.includes("") || new Set(names).size < names.length))
    refuse(invalid("template.containers: every container needs a name of its own"));
  const withPorts = containers.filter((container) => listAt(container, "ports").length > 0);
  if (kind === "services" && containers.length > 1 && withPorts.length !== 1)
    refuse(invalid("template.containers: Revision template must contain exactly one container with an exposed port."));
  if (kind !== "services" && withPorts.length > 0)
    refuse(invalid(`template.containers.ports: not allowed for ${kind}`));
  const volumes = new Set(listAt(task, "volumes").map((volume) => textAt(volume, "name")));
  for (const container of containers) checkContainer(container, { kind, names, volumes });
  checkSize(kind, task, containers);
  const account = textAt(task, "serviceAccount");
  if (account !== "" && !hasServiceAccount(project, account))
    refuse(
      denied(`Permission 'iam.serviceaccounts.actAs' denied on service account ${account} (or it may not exist).`),
    );
  for (const networkInterface of listAt(task, "vpcAccess.networkInterfaces"))
    checkNetwork(project, networkInterface as Body);
  for (const image of containers.map((container) => textAt(container, "image"))) {
    const [, location, repository] = /^([a-z0-9-]+)-docker\.pkg\.dev\/([^/]+\/[^/]+)\//.exec(image) ?? [];
    if (!location || !repository?.startsWith(`${project.id}/`)) continue;
    const [, repo = ""] = repository.split("/");
    const found = resourceOf(
      project,
      "artifactregistry",
      `projects/${project.id}/locations/${location}/repositories/${repo}`,
    );
    if (!found) refuse(notFound(`Image '${image}' not found.`));
    // A remote repository pulls any image.
    if (found?.body.mode === "REMOTE_REPOSITORY") continue;
    const images = listAt(found?.internal, "images");
    if (!images.some((known) => image === known || `${known}`.startsWith(`${image}@`)))
      refuse(notFound(`Image '${image}' not found.`));
  }
}

function checkContainer(
  container: Body,
  { kind, names, volumes }: { kind: string; names: string[]; volumes: Set<string> },
) {
  const variables = listAt(container, "env").map((variable) => textAt(variable, "name"));
  const reservedNames = variables.filter((name) => reserved[kind]?.includes(name));
  if (reservedNames.length > 0)
    refuse(
      invalid(
        `template.containers[0].env: The following reserved env names were provided: ${reservedNames}. These values are automatically set by the system.`,
      ),
    );
  const duplicate = variables.find((name, index) => variables.indexOf(name) !== index);
  if (duplicate !== undefined) refuse(invalid(`template.containers.env: Duplicate environment variable ${duplicate}`));
  for (const variable of listAt(container, "env")) {
    const name = textAt(variable, "name");
    if (name === "" || name.includes("=") || name.length > 32_768)
      refuse(invalid(`Invalid environment variable ${name}`));
    if (textAt(variable, "value").length > 32_768) refuse(invalid(`The value of ${name} is longer than 32 KiB`));
  }
  for (const mount of listAt(container, "volumeMounts"))
    if (!volumes.has(textAt(mount, "name"))) refuse(invalid(`Volume ${textAt(mount, "name")} is not found.`));
  for (const dependency of listAt(container, "dependsOn"))
    if (!names.includes(`${dependency}`)) refuse(invalid(`dependsOn: there is no container '${dependency}'`));
}

// An instance's limits: https://cloud.google.com/run/quotas
const maxCores = 8;
const maxGigabytes = 32;

/** Checks each container's limits, and their total against the instance's limits. */
function checkSize(kind: string, task: Body, containers: Body[]) {
  const sizes = containers.map((container) => ({
    cpu: cores(textAt(container, "resources.limits.cpu") || "1"),
    memory: gigabytes(textAt(container, "resources.limits.memory") || "512Mi"),
  }));
  for (const { cpu, memory } of sizes) {
    if (Number.isNaN(cpu) || Number.isNaN(memory)) refuse(invalid("resources.limits: not a quantity"));
    if (cpu < 0.08 || (cpu >= 1 && ![1, 2, 4, 6, 8].includes(cpu)))
      refuse(invalid(`Invalid value specified for cpu: ${cpu}`));
    const maxMemory =
      cpu < 0.5 ? 0.5 : cpu < 1 ? 1 : cpu === 1 ? 4 : cpu === 2 ? 8 : cpu === 4 ? 16 : cpu === 6 ? 24 : 32;
    const minMemory = cpu >= 6 ? 4 : cpu >= 4 ? 2 : 0.125;
    if (memory > maxMemory || memory < minMemory)
      refuse(
        invalid(
          `Invalid value specified for memory. For ${cpu} CPU, memory must be between ${minMemory}Gi and ${maxMemory}Gi.`,
        ),
      );
  }
  const cpu = sizes.reduce((sum, size) => sum + size.cpu, 0);
  const memory = sizes.reduce((sum, size) => sum + size.memory, 0);
  const isGen2 = kind !== "services" || textAt(task, "executionEnvironment") === "EXECUTION_ENVIRONMENT_GEN2";
  const isAlwaysAllocated =
    kind !== "services" || containers.some((container) => valueAt(container, "resources.cpuIdle") !== true);
  const concurrency = Number(textAt(task, "maxInstanceRequestConcurrency") || (cpu < 1 ? 1 : 80));
  const reason = isAlwaysAllocated
    ? "cpu always allocated (unthrottled)"
    : isGen2
      ? "gen2 execution environment"
      : concurrency > 1
        ? "concurrency > 1"
        : null;
  if (cpu < 1 && reason)
    refuse(invalid(`Invalid value specified for cpu. Total cpu < 1 is not supported with ${reason}.`));
  if (memory < 0.5 && (isAlwaysAllocated || isGen2))
    refuse(invalid(`Invalid value specified for memory. Total memory < 512 Mi is not supported with ${reason}.`));
  if (cpu > maxCores || memory > maxGigabytes)
    refuse(invalid(`Invalid value specified: an instance has at most ${maxCores} CPU and ${maxGigabytes}Gi.`));
  const idleSettings = new Set(containers.map((container) => valueAt(container, "resources.cpuIdle") === true));
  if (kind === "services" && idleSettings.size > 1)
    refuse(invalid("resources.cpuIdle has to be the same of all containers."));
}

function checkNetwork(project: Project, networkInterface: Body) {
  const network = textAt(networkInterface, "network").replace(/^.*\/networks\//, "");
  const subnet = textAt(networkInterface, "subnetwork").replace(/^.*\/subnetworks\//, "");
  const computeResources = [...project.resources.values()].filter(({ api }) => api === "compute");
  if (network !== "" && !computeResources.some((net) => net.kind === "network" && net.body.name === network))
    refuse(invalid(`VPC network "${network}" does not exist, or Cloud Run does not have permission to use it.`));
  if (subnet !== "" && !computeResources.some((net) => net.kind === "subnetwork" && net.body.name === subnet))
    refuse(invalid(`VPC subnetwork "${subnet}" does not exist, or Cloud Run does not have permission to use it.`));
  if (network === "" && subnet === "") refuse(invalid("networkInterfaces: name a network or a subnetwork"));
}

/** Returns why a revision or an execution cannot start; null if it can. */
export function unready({ project }: Call, kind: string, body: Body): string | null {
  const task = taskOf(kind, body);
  const account = textAt(task, "serviceAccount") || `${project.number}-compute@developer.gserviceaccount.com`;
  const member = `serviceAccount:${account}`;
  for (const [index, container] of listAt(task, "containers").entries()) {
    for (const [row, variable] of listAt(container, "env").entries()) {
      const secret = textAt(variable, "valueSource.secretKeyRef.secret");
      if (secret === "") continue;
      const version = textAt(variable, "valueSource.secretKeyRef.version") || "latest";
      const path = secret.startsWith("projects/") ? secret : `projects/${project.id}/secrets/${secret}`;
      const found = resourceOf(project, "secretmanager", path);
      const versions = listAt(found?.internal, "versions");
      const field = `spec.template.spec.containers[${index}].env[${row}].value_from.secret_key_ref.name`;
      if (!found || (version === "latest" ? versions.length === 0 : versions.length < Number(version)))
        return `${field}: Secret ${path}/versions/${version} was not found`;
      const role = "roles/secretmanager.secretAccessor";
      if (!hasBinding(found.policy, role, member) && !hasBinding(project.policy, role, member))
        return `${field}: Permission denied on secret: ${path}/versions/${version} for Revision service account ${account}. The service account used must be granted the 'Secret Manager Secret Accessor' role (${role}) at the secret, project or higher level.`;
    }
    // The Cloud SQL proxy exits if it cannot reach its instance.
    for (const text of [...listAt(container, "args"), ...listAt(container, "command")]) {
      const [, id, instance] =
        new RegExp(`\\b(${RegExp.escape(project.id)}):[a-z0-9-]+:([a-z0-9-]+)`).exec(`${text}`) ?? [];
      if (!id) continue;
      const found = resourceOf(project, "sqladmin", `projects/${project.id}/instances/${instance}`);
      if (found?.body.state !== "RUNNABLE") return `the proxy finds no instance ${instance}`;
      if (!hasBinding(project.policy, "roles/cloudsql.client", member))
        return `the proxy is refused: boss::NOT_AUTHORIZED: Not authorized to access resource. ${account} may lack cloudsql.instances.connect`;
    }
  }
  return null;
}
