import { type Account, type Caller, may } from "./account.ts";
import { advance, beginDelete, beginUpdate, happened, type Stack, type Wishes } from "./engine.ts";
import { list } from "./policy.ts";
import { type Answer, type Asked, AwsError } from "./protocol.ts";
import { findBucket, latest } from "./s3.ts";
import { capabilityOf, parametersOf, readTemplate } from "./template.ts";

export interface Engine {
  stacks: Stack[];
  accounts: Map<string, Account>;
  now(): number;
  wishes: Wishes;
  stackLimit: number;
}

const invalid = (why: string) => new AwsError("ValidationError", why);
const text = (asked: Asked, name: string) => (typeof asked[name] === "string" ? (asked[name] as string) : undefined);
// The SDK sends an empty list as an empty text.
const rows = (asked: Asked, name: string) => (asked[name] || []) as Asked[];
const pairs = (asked: Asked, name: string, key: string, value: string) =>
  Object.fromEntries(rows(asked, name).map((row) => [text(row, key) ?? "", text(row, value)]));

/** What each action takes; anything else is a mistake of the client's. */
const known: Record<string, string> = {
  CreateStack:
    "StackName TemplateBody TemplateURL Parameters Tags Capabilities RoleARN TimeoutInMinutes ClientRequestToken OnFailure EnableTerminationProtection",
  UpdateStack: "StackName TemplateBody TemplateURL Parameters Tags Capabilities RoleARN ClientRequestToken",
  DeleteStack: "StackName ClientRequestToken RoleARN",
  DescribeStacks: "StackName NextToken",
  DescribeStackEvents: "StackName NextToken",
  ListStackResources: "StackName NextToken",
  ListStacks: "NextToken StackStatusFilter",
  ValidateTemplate: "TemplateBody TemplateURL",
  DescribeAccountLimits: "NextToken",
};

export function cloudformation(engine: Engine, caller: Caller, region: string, asked: Asked): Answer {
  const action = text(asked, "Action") ?? "";
  const takes = known[action]?.split(" ");
  if (!takes) throw new AwsError("InvalidAction", `Could not find operation ${action} for version 2010-05-15`);
  const odd = Object.keys(asked).filter((key) => !["Action", "Version", ...takes].includes(key));
  if (odd.length > 0) throw invalid(`Unknown parameter ${odd[0]}`);
  const { account } = caller;
  const mine = engine.stacks.filter((stack) => stack.account === account && stack.region === region);
  for (const stack of mine) advance(stack, engine.now(), engine.wishes);

  const arnOf = (name: string) =>
    name.startsWith("arn:") ? name : `arn:aws:cloudformation:${region}:${account.id}:stack/${name}/*`;
  const check = (resource: string, context = {}, action = asked.Action) => {
    if (!may(caller, `cloudformation:${action}`, resource, context))
      throw new AwsError(
        "AccessDenied",
        `User: ${caller.arn} is not authorized to perform: cloudformation:${action} on resource: ${resource} because no identity-based policy allows the cloudformation:${action} action`,
        403,
      );
  };
  const named = (name: string) => mine.find((stack) => stack.name === name && stack.status !== "DELETE_COMPLETE");
  const name = text(asked, "StackName") ?? "";
  const theStack = (context = {}) => {
    check(arnOf(name), context);
    const stack = name.startsWith("arn:") ? mine.find(({ id }) => id === name) : named(name);
    if (!stack) throw invalid(`Stack ${name.startsWith("arn:") ? "" : "with id "}${name} does not exist`);
    return stack;
  };

  switch (action) {
    case "CreateStack": {
      check(arnOf(name), { "cloudformation:RoleArn": text(asked, "RoleARN") });
      if (rows(asked, "Tags").length > 0) check(arnOf(name), {}, "TagResource");
      const token = text(asked, "ClientRequestToken") ?? null;
      if (token !== null && !/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/.test(token))
        throw invalid("clientRequestToken is not valid");
      if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name))
        throw invalid(`Value '${name}' at 'stackName' failed to satisfy constraint`);
      const before = named(name);
      if (before && token !== null && before.token === token) return { StackId: before.id };
      if (before) throw new AwsError("AlreadyExistsException", `Stack [${name}] already exists`);
      if (mine.some((stack) => token !== null && stack.token === token))
        throw new AwsError("TokenAlreadyExistsException", `ClientRequestToken ${token} was used before`);
      if (mine.filter(({ status }) => status !== "DELETE_COMPLETE").length >= engine.stackLimit)
        throw new AwsError("LimitExceededException", `Limit for stack has been exceeded`);
      const template = readTemplate(body(engine, caller, asked));
      const parameters = parametersOf(
        template,
        pairs(asked, "Parameters", "ParameterKey", "ParameterValue") as Record<string, string>,
      );
      const needed = capabilityOf(template);
      const given = (asked.Capabilities ?? []) as string[];
      if (needed && !given.includes(needed) && !given.includes("CAPABILITY_NAMED_IAM"))
        throw new AwsError("InsufficientCapabilitiesException", `Requires capabilities : [${needed}]`);
      const roleArn = text(asked, "RoleARN") ?? null;
      const stack: Stack = {
        id: `arn:aws:cloudformation:${region}:${account.id}:stack/${name}/${crypto.randomUUID()}`,
        name,
        region,
        account,
        template,
        parameters,
        token,
        roleArn,
        role: roleArn === null ? null : passed(caller, roleArn),
        tags: pairs(asked, "Tags", "Key", "Value") as Record<string, string>,
        created: engine.now(),
        status: "",
        reason: "",
        stale: null,
        protected: text(asked, "EnableTerminationProtection") === "true",
        onFailure: text(asked, "OnFailure") ?? "ROLLBACK",
        things: new Map(),
        events: [],
        outputs: [],
      };
      engine.stacks.push(stack);
      happened(stack, engine.now(), name, "CREATE_IN_PROGRESS", "User Initiated");
      return { StackId: stack.id };
    }
    case "UpdateStack": {
      const stack = theStack({ "cloudformation:RoleArn": text(asked, "RoleARN") });
      if (!/^(CREATE|UPDATE)_COMPLETE$/.test(stack.status))
        throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
      const given = Object.fromEntries(
        rows(asked, "Parameters").map((row) => {
          const key = text(row, "ParameterKey") ?? "";
          return [
            key,
            text(row, "UsePreviousValue") === "true"
              ? (stack.parameters[key] ?? "")
              : (text(row, "ParameterValue") ?? ""),
          ];
        }),
      );
      beginUpdate(stack, body(engine, caller, asked), given, engine.now(), engine.wishes);
      return { StackId: stack.id };
    }
    case "DeleteStack": {
      check(arnOf(name));
      const stack = name.startsWith("arn:") ? mine.find(({ id }) => id === name) : named(name);
      // Deleting what is not there succeeds.
      if (!stack || stack.status === "DELETE_COMPLETE" || stack.status === "DELETE_IN_PROGRESS") return null;
      if (stack.protected)
        throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
      if (/^(UPDATE|ROLLBACK)_IN_PROGRESS$/.test(stack.status))
        throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be deleted.`);
      beginDelete(stack, engine.now());
      return null;
    }
    case "DescribeStacks": {
      if (name) {
        const stack = theStack();
        const status = stack.stale ?? stack.status;
        stack.stale = null;
        return { Stacks: [describe({ ...stack, status })] };
      }
      check("*");
      return { Stacks: mine.filter(({ status }) => status !== "DELETE_COMPLETE").map(describe) };
    }
    case "DescribeStackEvents": {
      const { events, id, name: StackName } = theStack();
      const all = [...events].reverse();
      const from = Number(text(asked, "NextToken") ?? 0);
      return {
        StackEvents: all.slice(from, from + 20).map((event) => ({
          StackId: id,
          StackName,
          EventId: event.id,
          LogicalResourceId: event.logical,
          PhysicalResourceId: event.physical,
          ResourceType: event.type,
          Timestamp: new Date(event.at),
          ResourceStatus: event.status,
          ResourceStatusReason: event.reason || undefined,
          ClientRequestToken: event.token,
        })),
        NextToken: from + 20 < all.length ? `${from + 20}` : undefined,
      };
    }
    case "ListStackResources": {
      const { things, template, created } = theStack();
      return {
        StackResourceSummaries: [...things].map(([id, thing]) => ({
          LogicalResourceId: id,
          PhysicalResourceId: thing.physical || undefined,
          ResourceType: template.Resources[id]?.Type,
          LastUpdatedTimestamp: new Date(created),
          ResourceStatus: thing.status,
        })),
      };
    }
    case "ListStacks": {
      check("*");
      return {
        StackSummaries: mine.map(({ id, name: StackName, status, created }) => ({
          StackId: id,
          StackName,
          StackStatus: status,
          CreationTime: new Date(created),
        })),
      };
    }
    case "ValidateTemplate": {
      check("*");
      const { Parameters = {} } = readTemplate(body(engine, caller, asked));
      return { Parameters: Object.keys(Parameters).map((ParameterKey) => ({ ParameterKey })) };
    }
    default:
      check("*");
      return {
        AccountLimits: [
          { Name: "StackLimit", Value: engine.stackLimit },
          { Name: "StackOutputsLimit", Value: 200 },
        ],
      };
  }
}

function describe({
  id,
  name,
  status,
  reason,
  created,
  outputs,
  tags,
  parameters,
  template,
  roleArn,
  protected: guarded,
}: Stack): Answer {
  return {
    StackId: id,
    StackName: name,
    StackStatus: status,
    StackStatusReason: reason || undefined,
    CreationTime: new Date(created),
    RoleARN: roleArn,
    EnableTerminationProtection: guarded,
    Outputs: outputs,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    Parameters: Object.entries(parameters).map(([ParameterKey, value]) => ({
      ParameterKey,
      ParameterValue: template.Parameters?.[ParameterKey]?.NoEcho ? "****" : value,
    })),
  };
}

/** A role that the caller may hand to CloudFormation, and that CloudFormation may be. */
function passed(caller: Caller, arn: string) {
  if (!may(caller, "iam:PassRole", arn, { "iam:PassedToService": "cloudformation.amazonaws.com" }))
    throw new AwsError(
      "AccessDenied",
      `User: ${caller.arn} is not authorized to perform: iam:PassRole on resource: ${arn}`,
      403,
    );
  const role = [...caller.account.roles.values()].find((one) => one.arn === arn);
  const trusted = list(role?.trust.Statement).some(
    ({ Principal }) =>
      typeof Principal === "object" && list(Principal.Service).includes("cloudformation.amazonaws.com"),
  );
  if (!role || !trusted) throw invalid(`Role ${arn} is invalid or cannot be assumed`);
  return role;
}

/** The template's text: in the request, or in a bucket that the caller may read. */
function body({ accounts }: Engine, caller: Caller, asked: Asked): string {
  const inline = text(asked, "TemplateBody");
  if (inline !== undefined) {
    if (Buffer.byteLength(inline) > 51_200)
      throw invalid(
        "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
      );
    return inline;
  }
  const [, name = "", key = ""] =
    text(asked, "TemplateURL")?.match(/^https:\/\/([\w.-]+)\.s3\.[\w-]+\.amazonaws\.com\/(.+)$/) ?? [];
  if (!name) throw invalid("TemplateURL must be a supported URL.");
  const found = findBucket(accounts.values(), name);
  const object = found && latest(found.bucket, key);
  if (!object?.body || !may(caller, "s3:GetObject", `arn:aws:s3:::${name}/${key}`))
    throw invalid(
      "S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    );
  if (object.body.length > 1_000_000) throw invalid("Template may not exceed 1000000 bytes in size.");
  return new TextDecoder().decode(object.body);
}
