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
    begin(stack, wishes);
    const [next] = [...stack.things]
      .filter(([, thing]) => thing.status.endsWith("_IN_PROGRESS"))
      .sort(([, a], [, b]) => a.due - b.due);
    if (!next || next[1].due > now) return;
    finish(stack, ...next, wishes);
  }
}

const clockOf = (stack: Stack) => stack.events.at(-1)?.at ?? stack.created;

export function happened(stack: Stack, at: number, logical: string, status: string, reason = "") {
  const own = logical === stack.name;
  const thing = stack.things.get(logical);
  if (thing) thing.status = status;
  if (own) Object.assign(stack, { status, reason });
  stack.events.push({
    id: `${logical}-${status}-${stack.events.length}`,
    at,
    logical,
    physical: own ? stack.id : (thing?.physical ?? ""),
    type: own ? "AWS::CloudFormation::Stack" : (stack.template.Resources[logical]?.Type ?? ""),
    status,
    reason,
    token: stack.token,
  });
}

const wanted = (stack: Stack): [string, Resource][] => {
  const values = valuesOf(stack);
  return Object.entries(stack.template.Resources).filter(
    ([, { Condition }]) => Condition === undefined || values.condition(Condition),
  );
};

/** Starts everything that waits for nothing any more, or ends the stack's own state. */
function begin(stack: Stack, wishes: Wishes) {
  const waits = order(stack.template);
  const at = clockOf(stack);
  const status = (id: string) => stack.things.get(id)?.status;
  const busy = [...stack.things.values()].some((thing) => thing.status.endsWith("_IN_PROGRESS"));

  if (stack.status === "CREATE_IN_PROGRESS") {
    const all = wanted(stack);
    const here = new Set(all.map(([id]) => id));
    for (const [id, { Type }] of all) {
      const ready = [...(waits.get(id) ?? [])].every((need) => !here.has(need) || status(need) === "CREATE_COMPLETE");
      if (stack.things.has(id) || !ready) continue;
      stack.things.set(id, { status: "", physical: "", properties: {}, due: at + secondsOf(Type) * wishes.pace });
      happened(stack, at, id, "CREATE_IN_PROGRESS");
    }
    if (all.every(([id]) => status(id) === "CREATE_COMPLETE")) {
      stack.outputs = outputsOf(stack);
      happened(stack, at, stack.name, "CREATE_COMPLETE");
    }
  } else if (stack.status === "UPDATE_IN_PROGRESS") {
    if (!busy) happened(stack, at, stack.name, "UPDATE_COMPLETE");
  } else if (stack.status === "DELETE_IN_PROGRESS" || stack.status === "ROLLBACK_IN_PROGRESS") {
    const left = [...stack.things].filter(([, thing]) => !/^DELETE_(COMPLETE|SKIPPED)$/.test(thing.status));
    // What something still there was made after cannot go before it.
    const next = left.find(
      ([id, { status }]) => !/^DELETE_/.test(status) && !left.some(([other]) => waits.get(other)?.has(id)),
    );
    if (next) {
      const [id, thing] = next;
      const { Type, DeletionPolicy = "Delete" } = stack.template.Resources[id] as Resource;
      if (DeletionPolicy === "Retain" && thing.physical) happened(stack, at, id, "DELETE_SKIPPED");
      else {
        thing.due = at + Math.min(60, secondsOf(Type)) * wishes.pace;
        happened(stack, at, id, "DELETE_IN_PROGRESS");
      }
      return begin(stack, wishes);
    }
    if (busy) return;
    const failed = [...stack.things].filter(([, thing]) => thing.status === "DELETE_FAILED").map(([id]) => id);
    const verb = stack.status.replace("_IN_PROGRESS", "");
    if (failed.length > 0)
      happened(
        stack,
        at,
        stack.name,
        `${verb}_FAILED`,
        `The following resource(s) failed to delete: [${failed.join(", ")}].`,
      );
    else happened(stack, at, stack.name, `${verb}_COMPLETE`);
  }
}

function finish(stack: Stack, id: string, thing: Thing, wishes: Wishes) {
  const { Type } = stack.template.Resources[id] as Resource;
  const at = thing.due;
  const { account, region } = stack;
  if (thing.status === "UPDATE_IN_PROGRESS") {
    thing.properties = propertiesOf(stack, id);
    return happened(stack, at, id, "UPDATE_COMPLETE");
  }
  if (thing.status === "DELETE_IN_PROGRESS") {
    try {
      const told = wishes.failsToDelete.get(id) ?? wishes.failsToDelete.get(Type);
      if (told && thing.physical) throw new AwsError("Told", told);
      if (thing.physical) permitted(stack, "unmake", Type, thing.physical, thing.properties);
      if (thing.physical) unmake(account, Type, thing.physical, thing.properties);
      return happened(stack, at, id, "DELETE_COMPLETE");
    } catch (error) {
      return happened(stack, at, id, "DELETE_FAILED", (error as Error).message);
    }
  }
  try {
    thing.properties = propertiesOf(stack, id);
    const physical = physicalIdOf(Type, thing.properties, stack.name, id, region, account.id);
    permitted(stack, "make", Type, physical, thing.properties);
    const told = wishes.fails.get(id) ?? wishes.fails.get(Type);
    if (told) {
      // What fails half way is often there all the same.
      if (thing.properties) thing.physical = "";
      throw new AwsError("Told", told);
    }
    make(account, Type, physical, thing.properties, region);
    thing.physical = physical;
    happened(stack, at, id, "CREATE_IN_PROGRESS", "Resource creation Initiated");
    happened(stack, at, id, "CREATE_COMPLETE");
  } catch (error) {
    happened(stack, at, id, "CREATE_FAILED", (error as Error).message);
    const others = [...stack.things].filter(([, other]) => other.status === "CREATE_IN_PROGRESS");
    for (const [other] of others) happened(stack, at, other, "CREATE_FAILED", "Resource creation cancelled");
    const failed = [id, ...others.map(([other]) => other)].join(", ");
    const why = `The following resource(s) failed to create: [${failed}]. `;
    if (stack.onFailure === "DO_NOTHING") happened(stack, at, stack.name, "CREATE_FAILED", why);
    else happened(stack, at, stack.name, "ROLLBACK_IN_PROGRESS", `${why}Rollback requested by user.`);
  }
}

/** Throws what CloudFormation says when its role may not make, or delete, a thing. */
function permitted(
  stack: Stack,
  verb: "make" | "unmake",
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
  })[verb])
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
  const physical = (one: string) => {
    const there = things.get(one)?.physical;
    if (!there) throw new AwsError("ValidationError", `Resource ${one} is not there yet`);
    return there;
  };
  return resolver(template, parameters, {
    ref: (one) => pseudo[one] ?? physical(one),
    att: (one, attribute) =>
      attributeOf(template.Resources[one]?.Type ?? "", physical(one), attribute, account.id, region),
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
  for (const [, thing] of stack.things)
    if (thing.status === "DELETE_FAILED" || thing.status === "CREATE_IN_PROGRESS") thing.status = "CREATE_FAILED";
  if (!stack.status.endsWith("_IN_PROGRESS")) stack.stale = stack.status;
  happened(stack, at, stack.name, "DELETE_IN_PROGRESS", "User Initiated");
}

/** Begins to make what is different in another template. */
export function beginUpdate(stack: Stack, text: string, given: Record<string, string>, at: number, wishes: Wishes) {
  const template = readTemplate(text);
  const changed = Object.keys(template.Resources).filter(
    (id) => JSON.stringify(template.Resources[id]) !== JSON.stringify(stack.template.Resources[id]),
  );
  if (changed.length === 0) throw new AwsError("ValidationError", "No updates are to be performed.");
  stack.parameters = parametersOf(template, given);
  stack.template = template;
  stack.stale = stack.status;
  happened(stack, at, stack.name, "UPDATE_IN_PROGRESS", "User Initiated");
  for (const id of changed) {
    const thing = stack.things.get(id);
    if (!thing) continue;
    thing.due = at + 5 * wishes.pace;
    happened(stack, at, id, "UPDATE_IN_PROGRESS");
  }
}
