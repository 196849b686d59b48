import type { Account, Role } from "./account.ts";
import { roleMay } from "./account.ts";
import { requiredPermissions } from "./permissions.ts";
import { AwsError } from "./protocol.ts";
import { attributeOf, createResource, creationSeconds, deleteResource, physicalIdOf } from "./resources.ts";
import { order, parametersOf, type Resource, resolve, resolver, type Template } from "./template.ts";

export interface StackEvent {
  id: string;
  at: number;
  logical: string;
  physical: string;
  type: string;
  status: string;
  reason: string;
  token: string | null;
}
interface StackResource {
  status: string;
  physical: string;
  properties: Record<string, unknown>;
  /** When the current operation ends. */
  due: number;
}
export interface Stack {
  id: string;
  name: string;
  region: string;
  account: Account;
  template: Template;
  parameters: Record<string, string>;
  tags: Record<string, string>;
  role: Role | null;
  roleArn: string | null;
  created: number;
  status: string;
  reason: string;
  token: string | null;
  protected: boolean;
  /** The status that the next DescribeStacks still returns, because AWS is eventually consistent. */
  stale: string | null;
  onFailure: string;
  resources: Map<string, StackResource>;
  events: StackEvent[];
  outputs: { OutputKey: string; OutputValue: string; Description?: string }[];
}

/** A test's settings: what fails, and how fast time passes. */
export interface EngineSettings {
  /** Error messages by logical id or type. */
  fails: Map<string, string>;
  /** Error messages by type, each for one creation only. */
  failsOnce: Map<string, string>;
  failsToDelete: Map<string, string>;
  /** Clock milliseconds per second of work. */
  pace: number;
}

/** Advances a stack to this time, operation by operation. */
export function advance(stack: Stack, now: number, settings: EngineSettings) {
  for (;;) {
    startReady(stack, settings);
    const [next] = [...stack.resources]
      .filter(([, resource]) => resource.status.endsWith("_IN_PROGRESS"))
      .sort(([, a], [, b]) => a.due - b.due);
    if (!next || next[1].due > now) return;
    finishOperation(stack, ...next, settings);
  }
}

const clockOf = (stack: Stack) => stack.events.at(-1)?.at ?? stack.created;

export function recordEvent(stack: Stack, at: number, logical: string, status: string, reason = "") {
  const isStack = logical === stack.name;
  const resource = stack.resources.get(logical);
  if (resource) resource.status = status;
  if (isStack) Object.assign(stack, { status, reason });
  stack.events.push({
    id: `${logical}-${status}-${stack.events.length}`,
    at,
    logical,
    physical: isStack ? stack.id : (resource?.physical ?? ""),
    type: isStack ? "AWS::CloudFormation::Stack" : (stack.template.Resources[logical]?.Type ?? ""),
    status,
    reason,
    token: stack.token,
  });
}

const activeResources = (stack: Stack): [string, Resource][] => {
  const values = valuesOf(stack);
  return Object.entries(stack.template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || values.condition(Condition),
  );
};

/** Starts every operation whose dependencies are complete, or settles the stack. */
function startReady(stack: Stack, settings: EngineSettings) {
  const dependencies = order(stack.template);
  const at = clockOf(stack);
  const status = (id: string) => stack.resources.get(id)?.status;
  const isBusy = [...stack.resources.values()].some((resource) => resource.status.endsWith("_IN_PROGRESS"));

  if (stack.status === "CREATE_IN_PROGRESS") {
    const active = activeResources(stack);
    const activeIds = new Set(active.map(([id]) => id));
    for (const [id, { Type }] of active) {
      const ready = [...(dependencies.get(id) ?? [])].every(
        (need) => !activeIds.has(need) || status(need) === "CREATE_COMPLETE",
      );
      if (stack.resources.has(id) || !ready) continue;
      stack.resources.set(id, {
        status: "",
        physical: "",
        properties: {},
        due: at + creationSeconds(Type) * settings.pace,
      });
      recordEvent(stack, at, id, "CREATE_IN_PROGRESS");
    }
    if (active.every(([id]) => status(id) === "CREATE_COMPLETE")) {
      stack.outputs = outputsOf(stack);
      recordEvent(stack, at, stack.name, "CREATE_COMPLETE");
    }
  } else if (stack.status === "UPDATE_IN_PROGRESS") {
    if (!isBusy) recordEvent(stack, at, stack.name, "UPDATE_COMPLETE");
  } else if (stack.status === "DELETE_IN_PROGRESS" || stack.status === "ROLLBACK_IN_PROGRESS") {
    const remaining = [...stack.resources].filter(
      ([, resource]) => !/^DELETE_(COMPLETE|SKIPPED)$/.test(resource.status),
    );
    // A resource cannot be deleted before those that depend on it.
    const next = remaining.find(
      ([id, { status }]) => !/^DELETE_/.test(status) && !remaining.some(([other]) => dependencies.get(other)?.has(id)),
    );
    if (next) {
      const [id, resource] = next;
      const { Type, DeletionPolicy = "Delete" } = stack.template.Resources[id] as Resource;
      // RetainExceptOnCreate deletes a resource if the operation that created it is rolled back:
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html, read 2026-11-28
      const isRetained =
        DeletionPolicy === "Retain" ||
        (DeletionPolicy === "RetainExceptOnCreate" && stack.status === "DELETE_IN_PROGRESS");
      if (isRetained && resource.physical) recordEvent(stack, at, id, "DELETE_SKIPPED");
      else {
        resource.due = at + Math.min(60, creationSeconds(Type)) * settings.pace;
        recordEvent(stack, at, id, "DELETE_IN_PROGRESS");
      }
      return startReady(stack, settings);
    }
    if (isBusy) return;
    const failed = [...stack.resources].filter(([, resource]) => resource.status === "DELETE_FAILED").map(([id]) => id);
    const operation = stack.status.replace("_IN_PROGRESS", "");
    if (failed.length > 0)
      recordEvent(
        stack,
        at,
        stack.name,
        `${operation}_FAILED`,
        `The following resource(s) failed to delete: [${failed.join(", ")}].`,
      );
    else recordEvent(stack, at, stack.name, `${operation}_COMPLETE`);
  }
}

function finishOperation(stack: Stack, id: string, resource: StackResource, settings: EngineSettings) {
  const { Type } = stack.template.Resources[id] as Resource;
  const at = resource.due;
  const { account, region } = stack;
  if (resource.status === "UPDATE_IN_PROGRESS") {
    resource.properties = propertiesOf(stack, id);
    return recordEvent(stack, at, id, "UPDATE_COMPLETE");
  }
  if (resource.status === "DELETE_IN_PROGRESS") {
    try {
      const injectedError = settings.failsToDelete.get(id) ?? settings.failsToDelete.get(Type);
      if (injectedError && resource.physical) throw new AwsError("Told", injectedError);
      if (resource.physical) requirePermissions(stack, "delete", Type, resource.physical, resource.properties);
      if (resource.physical) deleteResource(account, Type, resource.physical, resource.properties);
      return recordEvent(stack, at, id, "DELETE_COMPLETE");
    } catch (error) {
      return recordEvent(stack, at, id, "DELETE_FAILED", (error as Error).message);
    }
  }
  try {
    resource.properties = propertiesOf(stack, id);
    const physical = physicalIdOf(Type, resource.properties, stack.name, id, region, account.id);
    requirePermissions(stack, "create", Type, physical, resource.properties);
    const injectedError = settings.failsOnce.get(Type) ?? settings.fails.get(id) ?? settings.fails.get(Type);
    settings.failsOnce.delete(Type);
    if (injectedError) {
      // A resource may exist although its creation failed.
      if (resource.properties) resource.physical = "";
      throw new AwsError("Told", injectedError);
    }
    createResource(account, Type, physical, resource.properties, region);
    resource.physical = physical;
    recordEvent(stack, at, id, "CREATE_IN_PROGRESS", "Resource creation Initiated");
    recordEvent(stack, at, id, "CREATE_COMPLETE");
  } catch (error) {
    recordEvent(stack, at, id, "CREATE_FAILED", (error as Error).message);
    const cancelled = [...stack.resources].filter(([, other]) => other.status === "CREATE_IN_PROGRESS");
    for (const [other] of cancelled) recordEvent(stack, at, other, "CREATE_FAILED", "Resource creation cancelled");
    const failed = [id, ...cancelled.map(([other]) => other)].join(", ");
    const reason = `The following resource(s) failed to create: [${failed}]. `;
    if (stack.onFailure === "DO_NOTHING") recordEvent(stack, at, stack.name, "CREATE_FAILED", reason);
    else recordEvent(stack, at, stack.name, "ROLLBACK_IN_PROGRESS", `${reason}Rollback requested by user.`);
  }
}

/** Throws CloudFormation's error if its role may not create or delete the resource. */
function requirePermissions(
  stack: Stack,
  operation: "create" | "delete",
  type: string,
  physical: string,
  properties: Record<string, unknown>,
) {
  const { account, region, role } = stack;
  if (!role) return;
  const boundaryOf = (name: string) => account.roles.get(name)?.boundary ?? undefined;
  for (const [action, resource, context] of requiredPermissions(type, physical, properties, {
    account: account.id,
    region,
    boundaryOf,
  })[operation])
    if (!roleMay(account, role, action, resource, context))
      throw new AwsError(
        "AccessDenied",
        `User: ${role.arn}/AWSCloudFormation is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action (Service: ${type}, Status Code: 403)`,
      );
}

export function valuesOf({ account, id, name, region, template, parameters, resources }: Stack) {
  const pseudo: Record<string, string> = {
    "AWS::AccountId": account.id,
    "AWS::Region": region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackId": id,
    "AWS::StackName": name,
  };
  const physical = (logicalId: string) => {
    const physicalId = resources.get(logicalId)?.physical;
    if (!physicalId) throw new AwsError("ValidationError", `Resource ${logicalId} is not there yet`);
    return physicalId;
  };
  return resolver(template, parameters, {
    ref: (logicalId) => pseudo[logicalId] ?? physical(logicalId),
    att: (logicalId, attribute) =>
      attributeOf(template.Resources[logicalId]?.Type ?? "", physical(logicalId), attribute, account.id, region),
  });
}

const propertiesOf = (stack: Stack, id: string) =>
  resolve((stack.template.Resources[id]?.Properties ?? {}) as never, valuesOf(stack)) as unknown as Record<
    string,
    unknown
  >;

function outputsOf(stack: Stack) {
  const values = valuesOf(stack);
  return Object.entries(stack.template.Outputs ?? {})
    .filter(([, { Condition }]) => Condition === undefined || values.condition(Condition))
    .map(([OutputKey, { Value, Description }]) => ({
      OutputKey,
      OutputValue: `${resolve(Value, values)}`,
      Description,
    }));
}

/** Starts to delete a stack. */
export function startDelete(stack: Stack, at: number) {
  for (const [, resource] of stack.resources)
    if (resource.status === "DELETE_FAILED" || resource.status === "CREATE_IN_PROGRESS")
      resource.status = "CREATE_FAILED";
  if (!stack.status.endsWith("_IN_PROGRESS")) stack.stale = stack.status;
  recordEvent(stack, at, stack.name, "DELETE_IN_PROGRESS", "User Initiated");
}

/** Starts to update a stack to another template or other parameters. */
export function startUpdate(
  stack: Stack,
  template: Template,
  values: Record<string, string>,
  at: number,
  settings: EngineSettings,
) {
  const updated = { ...stack, template, parameters: parametersOf(template, values) };
  // CloudFormation compares the resolved properties, so a new value of a parameter updates every resource that uses it.
  const changed = [...stack.resources.keys()].filter(
    (id) =>
      template.Resources[id] && JSON.stringify(propertiesOf(updated, id)) !== JSON.stringify(propertiesOf(stack, id)),
  );
  if (changed.length === 0) throw new AwsError("ValidationError", "No updates are to be performed.");
  stack.parameters = updated.parameters;
  stack.template = template;
  stack.stale = stack.status;
  recordEvent(stack, at, stack.name, "UPDATE_IN_PROGRESS", "User Initiated");
  for (const id of changed) {
    const resource = stack.resources.get(id);
    if (!resource) continue;
    resource.due = at + 5 * settings.pace;
    recordEvent(stack, at, id, "UPDATE_IN_PROGRESS");
  }
}
