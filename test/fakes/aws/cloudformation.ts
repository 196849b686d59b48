import { type Account, type Caller, may } from "./account.ts";
import { advance, type EngineSettings, recordEvent, type Stack, startDelete, startUpdate } from "./engine.ts";
import { list } from "./policy.ts";
import { AwsError, type QueryInput, type ResponseBody } from "./protocol.ts";
import { findBucket, latest } from "./s3.ts";
import { capabilityOf, parametersOf, readTemplate } from "./template.ts";

export interface Engine {
  stacks: Stack[];
  accounts: Map<string, Account>;
  now(): number;
  settings: EngineSettings;
  stackLimit: number;
}

const invalid = (reason: string) => new AwsError("ValidationError", reason);
const text = (input: QueryInput, name: string) =>
  typeof input[name] === "string" ? (input[name] as string) : undefined;
// The SDK sends an empty list as an empty string.
const rows = (input: QueryInput, name: string) => (input[name] || []) as QueryInput[];
const pairs = (input: QueryInput, name: string, key: string, value: string) =>
  Object.fromEntries(rows(input, name).map((row) => [text(row, key) ?? "", text(row, value)]));

/** The parameters of each action. CloudFormation rejects any other. */
const parametersByAction: Record<string, string> = {
  CreateStack:
    "StackName TemplateBody TemplateURL Parameters Tags Capabilities RoleARN TimeoutInMinutes ClientRequestToken OnFailure EnableTerminationProtection",
  UpdateStack:
    "StackName TemplateBody TemplateURL UsePreviousTemplate Parameters Tags Capabilities RoleARN ClientRequestToken",
  DeleteStack: "StackName ClientRequestToken RoleARN",
  DescribeStacks: "StackName NextToken",
  DescribeStackEvents: "StackName NextToken",
  ListStackResources: "StackName NextToken",
  ListStacks: "NextToken StackStatusFilter",
  ValidateTemplate: "TemplateBody TemplateURL",
  DescribeAccountLimits: "NextToken",
};

export function cloudformation(engine: Engine, caller: Caller, region: string, input: QueryInput): ResponseBody {
  const action = text(input, "Action") ?? "";
  const allowedParameters = parametersByAction[action]?.split(" ");
  if (!allowedParameters)
    throw new AwsError("InvalidAction", `Could not find operation ${action} for version 2010-05-15`);
  const unknownParameters = Object.keys(input).filter(
    (key) => !["Action", "Version", ...allowedParameters].includes(key),
  );
  if (unknownParameters.length > 0) throw invalid(`Unknown parameter ${unknownParameters[0]}`);
  const { account } = caller;
  const accountStacks = engine.stacks.filter((stack) => stack.account === account && stack.region === region);
  for (const stack of accountStacks) advance(stack, engine.now(), engine.settings);

  const arnOf = (name: string) =>
    name.startsWith("arn:") ? name : `arn:aws:cloudformation:${region}:${account.id}:stack/${name}/*`;
  const check = (resource: string, context = {}, action = input.Action) => {
    if (!may(caller, `cloudformation:${action}`, resource, context))
      throw new AwsError(
        "AccessDenied",
        `User: ${caller.arn} is not authorized to perform: cloudformation:${action} on resource: ${resource} because no identity-based policy allows the cloudformation:${action} action`,
        403,
      );
  };
  const findByName = (name: string) =>
    accountStacks.find((stack) => stack.name === name && stack.status !== "DELETE_COMPLETE");
  const name = text(input, "StackName") ?? "";
  const requireStack = (context = {}) => {
    check(arnOf(name), context);
    const stack = name.startsWith("arn:") ? accountStacks.find(({ id }) => id === name) : findByName(name);
    if (!stack) throw invalid(`Stack ${name.startsWith("arn:") ? "" : "with id "}${name} does not exist`);
    return stack;
  };

  switch (action) {
    case "CreateStack": {
      check(arnOf(name), { "cloudformation:RoleArn": text(input, "RoleARN") });
      if (rows(input, "Tags").length > 0) check(arnOf(name), {}, "TagResource");
      const token = text(input, "ClientRequestToken") ?? null;
      if (token !== null && !/^[a-zA-Z0-9][-a-zA-Z0-9]{0,127}$/.test(token))
        throw invalid("clientRequestToken is not valid");
      if (!/^[a-zA-Z][-a-zA-Z0-9]{0,127}$/.test(name))
        throw invalid(`Value '${name}' at 'stackName' failed to satisfy constraint`);
      const existing = findByName(name);
      if (existing && token !== null && existing.token === token) return { StackId: existing.id };
      if (existing) throw new AwsError("AlreadyExistsException", `Stack [${name}] already exists`);
      if (accountStacks.some((stack) => token !== null && stack.token === token))
        throw new AwsError("TokenAlreadyExistsException", `ClientRequestToken ${token} was used before`);
      if (accountStacks.filter(({ status }) => status !== "DELETE_COMPLETE").length >= engine.stackLimit)
        throw new AwsError("LimitExceededException", `Limit for stack has been exceeded`);
      const template = readTemplate(templateText(engine, caller, input));
      const parameters = parametersOf(
        template,
        pairs(input, "Parameters", "ParameterKey", "ParameterValue") as Record<string, string>,
      );
      const requiredCapability = capabilityOf(template);
      const values = (input.Capabilities ?? []) as string[];
      if (requiredCapability && !values.includes(requiredCapability) && !values.includes("CAPABILITY_NAMED_IAM"))
        throw new AwsError("InsufficientCapabilitiesException", `Requires capabilities : [${requiredCapability}]`);
      const roleArn = text(input, "RoleARN") ?? null;
      const stack: Stack = {
        id: `arn:aws:cloudformation:${region}:${account.id}:stack/${name}/${crypto.randomUUID()}`,
        name,
        region,
        account,
        template,
        parameters,
        token,
        roleArn,
        role: roleArn === null ? null : passedRole(caller, roleArn),
        tags: pairs(input, "Tags", "Key", "Value") as Record<string, string>,
        created: engine.now(),
        status: "",
        reason: "",
        stale: null,
        protected: text(input, "EnableTerminationProtection") === "true",
        onFailure: text(input, "OnFailure") ?? "ROLLBACK",
        resources: new Map(),
        events: [],
        outputs: [],
      };
      engine.stacks.push(stack);
      recordEvent(stack, engine.now(), name, "CREATE_IN_PROGRESS", "User Initiated");
      return { StackId: stack.id };
    }
    case "UpdateStack": {
      const stack = requireStack({ "cloudformation:RoleArn": text(input, "RoleARN") });
      // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-stack-status-codes, read 2026-11-28
      if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status))
        throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be updated.`);
      const values = Object.fromEntries(
        rows(input, "Parameters").map((row) => {
          const key = text(row, "ParameterKey") ?? "";
          return [
            key,
            text(row, "UsePreviousValue") === "true"
              ? (stack.parameters[key] ?? "")
              : (text(row, "ParameterValue") ?? ""),
          ];
        }),
      );
      const newTemplate =
        text(input, "UsePreviousTemplate") === "true" ? null : readTemplate(templateText(engine, caller, input));
      startUpdate(stack, newTemplate ?? stack.template, values, engine.now(), engine.settings);
      return { StackId: stack.id };
    }
    case "DeleteStack": {
      check(arnOf(name));
      const stack = name.startsWith("arn:") ? accountStacks.find(({ id }) => id === name) : findByName(name);
      // Deleting an absent stack succeeds.
      if (!stack || stack.status === "DELETE_COMPLETE" || stack.status === "DELETE_IN_PROGRESS") return null;
      if (stack.protected)
        throw invalid(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`);
      if (/^(UPDATE|ROLLBACK)_IN_PROGRESS$/.test(stack.status))
        throw invalid(`Stack:${stack.id} is in ${stack.status} state and can not be deleted.`);
      startDelete(stack, engine.now());
      return null;
    }
    case "DescribeStacks": {
      if (name) {
        const stack = requireStack();
        const status = stack.stale ?? stack.status;
        stack.stale = null;
        return { Stacks: [describe({ ...stack, status })] };
      }
      check("*");
      return { Stacks: accountStacks.filter(({ status }) => status !== "DELETE_COMPLETE").map(describe) };
    }
    case "DescribeStackEvents": {
      const { events, id, name: StackName } = requireStack();
      const newestFirst = [...events].reverse();
      const offset = Number(text(input, "NextToken") ?? 0);
      return {
        StackEvents: newestFirst.slice(offset, offset + 20).map((event) => ({
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
        NextToken: offset + 20 < newestFirst.length ? `${offset + 20}` : undefined,
      };
    }
    case "ListStackResources": {
      const { resources, template, created } = requireStack();
      return {
        StackResourceSummaries: [...resources].map(([id, resource]) => ({
          LogicalResourceId: id,
          PhysicalResourceId: resource.physical || undefined,
          ResourceType: template.Resources[id]?.Type,
          LastUpdatedTimestamp: new Date(created),
          ResourceStatus: resource.status,
        })),
      };
    }
    case "ListStacks": {
      check("*");
      return {
        StackSummaries: accountStacks.map(({ id, name: StackName, status, created }) => ({
          StackId: id,
          StackName,
          StackStatus: status,
          CreationTime: new Date(created),
        })),
      };
    }
    case "ValidateTemplate": {
      check("*");
      const { Parameters = {} } = readTemplate(templateText(engine, caller, input));
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
}: Stack): ResponseBody {
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

/** Returns a role that the caller may pass and that CloudFormation may assume. */
function passedRole(caller: Caller, arn: string) {
  if (!may(caller, "iam:PassRole", arn, { "iam:PassedToService": "cloudformation.amazonaws.com" }))
    throw new AwsError(
      "AccessDenied",
      `User: ${caller.arn} is not authorized to perform: iam:PassRole on resource: ${arn}`,
      403,
    );
  const role = [...caller.account.roles.values()].find((item) => item.arn === arn);
  const trusted = list(role?.trust.Statement).some(
    ({ Principal }) =>
      typeof Principal === "object" && list(Principal.Service).includes("cloudformation.amazonaws.com"),
  );
  if (!role || !trusted) throw invalid(`Role ${arn} is invalid or cannot be assumed`);
  return role;
}

/** Returns the template: inline, or from a bucket that the caller may read. */
function templateText({ accounts }: Engine, caller: Caller, input: QueryInput): string {
  const inline = text(input, "TemplateBody");
  if (inline !== undefined) {
    if (Buffer.byteLength(inline) > 51_200)
      throw invalid(
        "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200",
      );
    return inline;
  }
  const [, name = "", key = ""] =
    text(input, "TemplateURL")?.match(/^https:\/\/([\w.-]+)\.s3\.[\w-]+\.amazonaws\.com\/(.+)$/) ?? [];
  if (!name) throw invalid("TemplateURL must be a supported URL.");
  const owner = findBucket(accounts.values(), name);
  const object = owner && latest(owner.bucket, key);
  if (!object?.body || !may(caller, "s3:GetObject", `arn:aws:s3:::${name}/${key}`))
    throw invalid(
      "S3 error: Access Denied\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    );
  if (object.body.length > 1_000_000) throw invalid("Template may not exceed 1000000 bytes in size.");
  return new TextDecoder().decode(object.body);
}
