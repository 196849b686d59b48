import { randomUUID } from "node:crypto";
import type { Body } from "../discovery.ts";
import { GoogleError, invalid, notFound } from "../errors.ts";
import {
  type Call,
  createResource,
  creationError,
  deleteResource,
  findResource,
  type Handler,
  refuse,
  timestamp,
} from "../google.ts";
import type { Operation } from "../operations.ts";
import { keyOf, textAt, valueAt } from "../project.ts";

const weekMs = 7 * 24 * 3_600_000;
const sharedCoreTiers = new Set(["db-f1-micro", "db-g1-small"]);
const tier = /^(db-f1-micro|db-g1-small|db-custom-\d+-\d+|db-perf-optimized-N-\d+)$/;
const maxInstances = 40;

const nameOf = ({ project, params }: Call, instance = params.instance ?? "") =>
  `projects/${project.id}/instances/${instance}`;

const instanceOf = (call: Call, instance?: string) =>
  findResource(call, nameOf(call, instance)) ??
  refuse({
    status: 404,
    code: "NOT_FOUND",
    message: "The Cloud SQL instance does not exist.",
    reason: "instanceDoesNotExist",
  });

function operationBody(operation: Operation, now: number): Body {
  const { name, startedAt, ends, done, problem, project, type, target } = operation;
  const errors = problem
    ? {
        kind: "sql#operationErrors",
        errors: [{ kind: "sql#operationError", code: problem.code, message: problem.message }],
      }
    : undefined;
  return {
    kind: "sql#operation",
    name,
    operationType: type,
    status: done ? "DONE" : now - startedAt < 3_000 ? "PENDING" : "RUNNING",
    insertTime: timestamp(startedAt),
    ...(done ? { endTime: timestamp(ends) } : {}),
    ...(errors ? { error: errors } : {}),
    targetId: target.split("/").at(-1),
    targetProject: project,
    selfLink: `https://sqladmin.googleapis.com/sql/v1beta4/projects/${project}/operations/${name}`,
  };
}

function startOperation(call: Call, instance: string, type: string, seconds: number, settle: () => void): Body {
  const { google, project } = call;
  if (google.operations.pendingFor("sqladmin", instance).length > 0)
    refuse({
      status: 409,
      code: "ABORTED",
      message:
        "Operation failed because another operation was already in progress. Try your request after the current operation is complete.",
      reason: "operationInProgress",
    });
  const operation = google.operations.start({
    api: "sqladmin",
    project: project.id,
    name: randomUUID(),
    seconds,
    type,
    target: instance,
    settle: () => {
      settle();
      return null;
    },
  });
  return operationBody(operation, google.now());
}

const insert: Handler = (call) => {
  const { project, google, body } = call;
  const id = textAt(body, "name");
  const version = textAt(body, "databaseVersion");
  const size = textAt(body, "settings.tier");
  const name = nameOf(call, id);
  if (!/^[a-z][a-z0-9-]{0,96}[a-z0-9]$/.test(id))
    refuse(invalid(`Invalid request: Invalid instance name (${id}).`, "invalidInstanceName"));
  const availableAt = project.reservedNames.get(keyOf("sqladmin", name)) ?? 0;
  if (project.resources.has(keyOf("sqladmin", name)) || availableAt > google.now())
    refuse({
      status: 409,
      code: "ALREADY_EXISTS",
      message:
        "The Cloud SQL instance already exists. When you delete an instance, you can't reuse the name of the deleted instance until one week from the deletion date.",
      reason: "instanceAlreadyExists",
    });
  if (!project.regions.has(textAt(body, "region")))
    refuse(invalid(`Invalid request: region ${textAt(body, "region")}`));
  if (!tier.test(size)) refuse(invalid(`Invalid request: Invalid Tier (${size}) for (${version}) was specified.`));
  const major = Number(/^POSTGRES_(\d+)$/.exec(version)?.[1] ?? 0);
  const edition = textAt(body, "settings.edition") || (major >= 16 ? "ENTERPRISE_PLUS" : "ENTERPRISE");
  if (edition === "ENTERPRISE_PLUS" && !size.startsWith("db-perf-optimized"))
    refuse(
      invalid(
        `Invalid request: Invalid Tier (${size}) for (ENTERPRISE_PLUS) Edition. Use a predefined Tier like db-perf-optimized-N-* instead. Learn more at https://cloud.google.com/sql/docs/postgres/create-instance#machine-types.`,
      ),
    );
  if (edition === "ENTERPRISE" && size.startsWith("db-perf-optimized"))
    refuse(invalid(`Invalid request: Invalid Tier (${size}) for (ENTERPRISE) Edition.`));
  const [, cpus, megabytes] = /^db-custom-(\d+)-(\d+)$/.exec(size) ?? [];
  if (
    cpus &&
    (Number(megabytes) < 3840 ||
      Number(megabytes) % 256 !== 0 ||
      Number(megabytes) > 6656 * Number(cpus) ||
      (Number(cpus) > 1 && Number(cpus) % 2 === 1))
  )
    refuse(invalid(`Invalid request: Invalid Tier (${size}) for (${version}) was specified.`));
  if (
    sharedCoreTiers.has(size) &&
    textAt(body, "settings.availabilityType") === "REGIONAL" &&
    version.startsWith("SQLSERVER")
  )
    refuse(invalid("Invalid request: no high availability on shared cores"));
  const backups = valueAt(body, "settings.backupConfiguration") as Body | undefined;
  if (backups?.pointInTimeRecoveryEnabled === true && !version.startsWith("POSTGRES"))
    refuse(invalid("Invalid request: Point in time recovery must use binary logging for MySQL."));
  if (backups?.binaryLogEnabled === true && !version.startsWith("MYSQL"))
    refuse(invalid("Invalid request: Binary log cannot be enabled for this database version."));
  if ((backups?.pointInTimeRecoveryEnabled === true || backups?.binaryLogEnabled === true) && backups?.enabled !== true)
    refuse(invalid("Invalid request: Point in time recovery cannot be enabled without backups."));
  if (textAt(body, "settings.availabilityType") === "REGIONAL" && backups?.enabled !== true)
    refuse(invalid("Invalid request: regional instances must have backups and recovery enabled."));
  const publicIp = valueAt(body, "settings.ipConfiguration.ipv4Enabled") !== false;
  const restriction = project.constraints.get("sql.restrictPublicIp");
  if (publicIp && restriction && "enforce" in restriction && restriction.enforce)
    refuse(
      invalid(
        `Invalid request: Organization Policy check failure: the external IP of this instance violates the constraints/sql.restrictPublicIp enforced at the ${project.number} project.`,
      ),
    );
  if (!publicIp && textAt(body, "settings.ipConfiguration.privateNetwork") === "")
    refuse(invalid("Invalid request: At least one of Public IP or Private IP or PSC connectivity must be enabled."));
  if ([...project.resources.values()].filter(({ kind }) => kind === "instance").length >= maxInstances)
    refuse({
      status: 403,
      code: "RESOURCE_EXHAUSTED",
      message:
        "Failed to create instance because the project or creator has reached the max instance per project/creator limit.",
      reason: "exceededNumberOfInstances",
    });
  const instance = createResource(call, "instance", name, {
    ...body,
    kind: "sql#instance",
    state: "PENDING_CREATE",
    connectionName: `${project.id}:${textAt(body, "region")}:${id}`,
    backendType: "SECOND_GEN",
    gceZone: `${textAt(body, "region")}-a`,
    settings: { ...(body.settings as Body), edition, settingsVersion: "1", kind: "sql#settings" },
  });
  delete instance.body.rootPassword;
  return startOperation(call, instance.name, "CREATE", 340, () => {
    const error = creationError(google, instance.name);
    instance.body.state = error ? "FAILED" : "RUNNABLE";
    if (error) throw new GoogleError({ status: 500, code: "INTERNAL_ERROR", message: error });
    instance.body.ipAddresses = [{ type: "PRIMARY", ipAddress: "203.0.113.7" }];
    instance.body.serviceAccountEmailAddress = `p${project.number}-abc@gcp-sa-cloud-sql.iam.gserviceaccount.com`;
  });
};

const requireRunning = (call: Call) => {
  const instance = instanceOf(call);
  if (instance.body.state !== "RUNNABLE")
    refuse(
      invalid(
        "Invalid request: The incoming request contained invalid data: the instance is not running.",
        "invalidOperation",
      ),
    );
  return instance;
};

const childName = (call: Call, kind: string, id: string) => `${nameOf(call)}/${kind}/${id}`;

const insertChild =
  (kind: "databases" | "users"): Handler =>
  (call) => {
    const instance = requireRunning(call);
    const id = textAt(call.body, "name");
    if (id === "" || (kind === "users" && textAt(call.body, "password") === ""))
      refuse(invalid(`Invalid request: ${kind} without name or password`));
    const name = childName(call, kind, id);
    if (findResource(call, name) && kind === "databases")
      refuse({ status: 400, code: "ALREADY_EXISTS", message: `database "${id}" already exists`, reason: "invalid" });
    return startOperation(call, instance.name, kind === "databases" ? "CREATE_DATABASE" : "CREATE_USER", 4, () => {
      const error = creationError(call.google, name);
      if (error) throw new GoogleError(invalid(error));
      // An existing user gets the new password.
      if (findResource(call, name)) return;
      const { password: _, ...body } = call.body;
      createResource(call, kind, name, {
        ...body,
        kind: `sql#${kind.slice(0, -1)}`,
        project: call.project.id,
        instance: instance.body.name,
      });
    });
  };

const getChild =
  (kind: "databases" | "users", parameter: string): Handler =>
  (call) => {
    instanceOf(call);
    const id = call.params[parameter] ?? "";
    const child = findResource(call, childName(call, kind, id));
    return child
      ? { ...child.body }
      : refuse({ ...notFound(`${kind === "users" ? "User" : "Database"} '${id}' not found.`) });
  };

const deleteChild =
  (kind: "databases" | "users", parameter: string): Handler =>
  (call) => {
    const instance = requireRunning(call);
    const name = childName(call, kind, call.params[parameter] ?? "");
    if (!findResource(call, name)) refuse(notFound(`${kind} ${call.params[parameter]} not found`));
    return startOperation(call, instance.name, `DELETE_${kind.slice(0, -1).toUpperCase()}`, 3, () => {
      // The user owns the app's tables.
      if (
        kind === "users" &&
        [...call.project.resources.values()].some(
          (resource) => resource.kind === "executions" || resource.kind === "services",
        )
      )
        throw new GoogleError(
          invalid(`role "${call.params[parameter]}" cannot be dropped because some objects depend on it`),
        );
      deleteResource(call, name);
    });
  };

export const sqladmin: Record<string, Handler> = {
  "instances.insert": insert,
  "instances.get": (call) => ({ ...instanceOf(call).body }),
  "instances.patch": (call) => {
    const instance = instanceOf(call);
    return startOperation(call, instance.name, "UPDATE", 15, () => {
      const { settings = {}, ...rest } = call.body as { settings?: Body };
      Object.assign(instance.body, rest, { settings: { ...(instance.body.settings as Body), ...settings } });
    });
  },
  "instances.delete": (call) => {
    const instance = instanceOf(call);
    if (valueAt(instance.body, "settings.deletionProtectionEnabled") === true)
      refuse(
        invalid(
          "The instance is protected. Please disable the deletion protection and try again. To disable deletion protection, update the instance settings with deletionProtectionEnabled set to false.",
          "operationNotAllowed",
        ),
      );
    const operation = startOperation(call, instance.name, "DELETE", 70, () => {
      deleteResource(call, instance.name);
      call.project.reservedNames.set(
        keyOf("sqladmin", instance.name),
        call.google.now() + (weekMs * call.google.pace()) / 1000,
      );
      const hasFinalBackup =
        call.params.enableFinalBackup === "true" ||
        valueAt(instance.body, "settings.finalBackupConfig.enabled") === true;
      if (hasFinalBackup)
        createResource(call, "backup", `projects/${call.project.id}/backups/${randomUUID()}`, { type: "FINAL" });
    });
    instance.body.state = "PENDING_DELETE";
    return operation;
  },
  "databases.insert": insertChild("databases"),
  "databases.get": getChild("databases", "database"),
  "databases.delete": deleteChild("databases", "database"),
  "users.insert": insertChild("users"),
  "users.get": getChild("users", "name"),
  "users.delete": deleteChild("users", "name"),
  "operations.get": ({ google, params }) => {
    const operation = google.operations.find("sqladmin", params.operation ?? "");
    return operation
      ? operationBody(operation, google.now())
      : refuse(notFound("The Cloud SQL operation does not exist."));
  },
  "operations.list": (call) => {
    const { google, params } = call;
    const items = google.operations
      .allFor("sqladmin", nameOf(call, params.instance))
      .map((operation) => operationBody(operation, google.now()));
    return { kind: "sql#operationsList", items: items.reverse() };
  },
};
