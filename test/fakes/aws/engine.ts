import type { Account, Role } from "./account.ts";
import { roleMay } from "./account.ts";
import { rightsOf } from "./permissions.ts";
import { AwsError } from "./protocol.ts";
import { attributeOf, make, physicalIdOf, secondsOf, unmake } from "./resources.ts";
import { order, parametersOf, type Resource, readTemplate, resolve, resolver, type Template } from "./template.ts";

export interface Happening {
  id: string;
  at: number;
  logical: string;
  physical: string;
  type: string;
  status: string;
  reason: string;
  token: string | null;
}
interface Thing {
  status: string;
  physical: string;
  properties: Record<string, unknown>;
  /** When what is being done to it is done. */
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
  /** What describing it says once more, though it is over: AWS is not the same everywhere at once. */
  stale: string | null;
  onFailure: string;
  things: Map<string, Thing>;
  events: Happening[];
  outputs: { OutputKey: string; OutputValue: string; Description?: string }[];
}

/** What a test tells the engine: what shall fail, and how fast time goes. */
export interface Wishes {
  /** By logical id or type: why it fails. */
  fails: Map<string, string>;
  failsToDelete: Map<string, string>;
  /** How long a second of work takes on the clock, in milliseconds. */
  pace: number;
}

/** Brings a stack to where it is at this time: what was due since has happened, in order. */
export function advance(stack: Stack, now: number, wishes: Wishes) {
  for (;;) {
    startReady(stack, wishes);
    const [next] = [...stack.things]
      .filter(([, resource]) => resource.status.endsWith("_IN_PROGRESS"))
      .sort(([, a], [, b]) => a.due - b.due);
    if (!next || next[1].due > now) return;
    finishOperation(stack, ...next, wishes);
  }
}

const clockOf = (stack: Stack) => stack.events.at(-1)?.at ?? stack.created;

export function happened(stack: Stack, at: number, logical: string, status: string, reason = "") {
  const isStack = logical === stack.name;
  const resource = stack.things.get(logical);
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

/** Starts everything that waits for nothing any more, or ends the stack's own state. */
function startReady(stack: Stack, wishes: Wishes) {
  const dependencies = order(stack.template);
  const at = clockOf(stack);
  const status = (id: string) => stack.things.get(id)?.status;
  const isBusy = [...stack.things.values()].some((resource) => resource.status.endsWith("_IN_PROGRESS"));

  if (stack.status === "CREATE_IN_PROGRESS") {
    const active = activeResources(stack);
    const activeIds = new Set(active.map(([id]) => id));
    for (const [id, { Type }] of active) {
      const ready = [...(dependencies.get(id) ?? [])].every(
        (need) => !activeIds.has(need) || status(need) === "CREATE_COMPLETE",
      );
      if (stack.things.has(id) || !ready) continue;
      stack.things.set(id, { status: "", physical: "", properties: {}, due: at + secondsOf(Type) * wishes.pace });
      happened(stack, at, id, "CREATE_IN_PROGRESS");
    }
    if (active.every(([id]) => status(id) === "CREATE_COMPLETE")) {
      stack.outputs = outputsOf(stack);
      happened(stack, at, stack.name, "CREATE_COMPLETE");
    }
  } else if (stack.status === "UPDATE_IN_PROGRESS") {
    if (!isBusy) happened(stack, at, stack.name, "UPDATE_COMPLETE");
  } else if (stack.status === "DELETE_IN_PROGRESS" || stack.status === "ROLLBACK_IN_PROGRESS") {
    const remaining = [...stack.things].filter(([, resource]) => !/^DELETE_(COMPLETE|SKIPPED)$/.test(resource.status));
    // What something still there was made after cannot go before it.
    const next = remaining.find(
      ([id, { status }]) => !/^DELETE_/.test(status) && !remaining.some(([other]) => dependencies.get(other)?.has(id)),
    );
    if (next) {
      const [id, resource] = next;
      const { Type, DeletionPolicy = "Delete" } = stack.template.Resources[id] as Resource;
      if (DeletionPolicy === "Retain" && resource.physical) happened(stack, at, id, "DELETE_SKIPPED");
      else {
        resource.due = at + Math.min(60, secondsOf(Type)) * wishes.pace;
        happened(stack, at, id, "DELETE_IN_PROGRESS");
      }
      return startReady(stack, wishes);
    }
    if (isBusy) return;
    const failed = [...stack.things].filter(([, resource]) => resource.status === "DELETE_FAILED").map(([id]) => id);
    const operation = stack.status.replace("_IN_PROGRESS", "");
    if (failed.length > 0)
      happened(
        stack,
        at,
        stack.name,
        `${operation}_FAILED`,
        `The following resource(s) failed to delete: [${failed.join(", ")}].`,
      );
    else happened(stack, at, stack.name, `${operation}_COMPLETE`);
  }
}

function finishOperation(stack: Stack, id: string, resource: Thing, wishes: Wishes) {
  const { Type } = stack.template.Resources[id] as Resource;
  const at = resource.due;
  const { account, region } = stack;
  if (resource.status === "UPDATE_IN_PROGRESS") {
    resource.properties = propertiesOf(stack, id);
    return happened(stack, at, id, "UPDATE_COMPLETE");
  }
  if (resource.status === "DELETE_IN_PROGRESS") {
    try {
      const injectedError = wishes.failsToDelete.get(id) ?? wishes.failsToDelete.get(Type);
      if (injectedError && resource.physical) throw new AwsError("Told", injectedError);
      if (resource.physical) requirePermissions(stack, "unmake", Type, resource.physical, resource.properties);
      if (resource.physical) unmake(account, Type, resource.physical, resource.properties);
      return happened(stack, at, id, "DELETE_COMPLETE");
    } catch (error) {
      return happened(stack, at, id, "DELETE_FAILED", (error as Error).message);
    }
  }
  try {
    resource.properties = propertiesOf(stack, id);
    const physical = physicalIdOf(Type, resource.properties, stack.name, id, region, account.id);
    requirePermissions(stack, "make", Type, physical, resource.properties);
    const injectedError = wishes.fails.get(id) ?? wishes.fails.get(Type);
    if (injectedError) {
      // What fails half way is often there all the same.
      if (resource.properties) resource.physical = "";
      throw new AwsError("Told", injectedError);
    }
    make(account, Type, physical, resource.properties, region);
    resource.physical = physical;
    happened(stack, at, id, "CREATE_IN_PROGRESS", "Resource creation Initiated");
    happened(stack, at, id, "CREATE_COMPLETE");
  } catch (error) {
    happened(stack, at, id, "CREATE_FAILED", (error as Error).message);
    const cancelled = [...stack.things].filter(([, other]) => other.status === "CREATE_IN_PROGRESS");
    for (const [other] of cancelled) happened(stack, at, other, "CREATE_FAILED", "Resource creation cancelled");
    const failed = [id, ...cancelled.map(([other]) => other)].join(", ");
    const reason = `The following resource(s) failed to create: [${failed}]. `;
    if (stack.onFailure === "DO_NOTHING") happened(stack, at, stack.name, "CREATE_FAILED", reason);
    else happened(stack, at, stack.name, "ROLLBACK_IN_PROGRESS", `${reason}Rollback requested by user.`);
  }
}

/** Throws what CloudFormation says when its role may not make, or delete, a thing. */
function requirePermissions(
  stack: Stack,
  operation: "make" | "unmake",
  type: string,
  physical: string,
  properties: Record<string, unknown>,
) {
  const { account, region, role } = stack;
  if (!role) return;
  const boundaryOf = (name: string) => account.roles.get(name)?.boundary ?? undefined;
  for (const [action, resource, context] of rightsOf(type, physical, properties, {
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

export function valuesOf({ account, id, name, region, template, parameters, things }: Stack) {
  const pseudo: Record<string, string> = {
    "AWS::AccountId": account.id,
    "AWS::Region": region,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackId": id,
    "AWS::StackName": name,
  };
  const physical = (logicalId: string) => {
    const physicalId = things.get(logicalId)?.physical;
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

/** Begins to take a stack's things away. */
export function beginDelete(stack: Stack, at: number) {
  for (const [, resource] of stack.things)
    if (resource.status === "DELETE_FAILED" || resource.status === "CREATE_IN_PROGRESS")
      resource.status = "CREATE_FAILED";
  if (!stack.status.endsWith("_IN_PROGRESS")) stack.stale = stack.status;
  happened(stack, at, stack.name, "DELETE_IN_PROGRESS", "User Initiated");
}

/** Begins to make what is different in another template. */
export function beginUpdate(stack: Stack, text: string, values: Record<string, string>, at: number, wishes: Wishes) {
  const template = readTemplate(text);
  const changed = Object.keys(template.Resources).filter(
    (id) => JSON.stringify(template.Resources[id]) !== JSON.stringify(stack.template.Resources[id]),
  );
  if (changed.length === 0) throw new AwsError("ValidationError", "No updates are to be performed.");
  stack.parameters = parametersOf(template, values);
  stack.template = template;
  stack.stale = stack.status;
  happened(stack, at, stack.name, "UPDATE_IN_PROGRESS", "User Initiated");
  for (const id of changed) {
    const resource = stack.things.get(id);
    if (!resource) continue;
    resource.due = at + 5 * wishes.pace;
    happened(stack, at, id, "UPDATE_IN_PROGRESS");
  }
}
