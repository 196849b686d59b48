import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { handlerSource } from "../../../src/clouds/aws/custom-resource-handler.ts";

type ResourceProperties = Record<string, unknown>;
interface HandlerOptions {
  /** The response of each API call: a value, a function of the input, or an error to throw. */
  apis: Record<string, (properties: ResourceProperties) => unknown>;
  /** The remaining time of the invocation, at the first check and later. */
  remainingMs?: number[];
  event?: ResourceProperties;
}

const jobProperties = {
  Kind: "job",
  Title: "The job release",
  Once: "false",
  Cluster: "cluster",
  Task: "task:1",
  Command: ["/bin/sh", "-c", "echo ${HOME}"],
  Subnets: ["subnet-1", "subnet-2"],
  SecurityGroups: ["sg-1"],
  PublicIp: "ENABLED",
  LogGroup: "logs",
  Stream: "jobs",
};
const request = {
  RequestType: "Create",
  ResponseURL: "https://cloudformation.example/answer?signature=x",
  StackId: "arn:stack",
  RequestId: "request-1",
  LogicalResourceId: "JobReleaseRun",
  ResourceProperties: jobProperties,
};

/** Runs the source as Lambda does, with a fake SDK, clock and network. */
async function run({ apis, remainingMs: remaining = [900_000], event = request }: HandlerOptions) {
  const calls: [string, ResourceProperties][] = [];
  const answers: { url: string; body: Record<string, string> }[] = [];
  let now = 0;
  const client = new Proxy(class {}, {
    construct: () =>
      new Proxy(
        {},
        {
          get: (_, name: string) => async (properties: ResourceProperties) => {
            calls.push([name, properties]);
            const apiResponse = apis[name];
            if (!apiResponse) throw new Error(`${name} is not expected`);
            return apiResponse(properties);
          },
        },
      ),
  });
  const context = {
    exports: {} as { handler(event: unknown, context: unknown): Promise<void> },
    require: () => new Proxy({}, { get: () => client }),
    setTimeout: (done: () => void, milliseconds: number) => {
      now += milliseconds;
      queueMicrotask(done);
    },
    Date: { now: () => now },
    Buffer,
    fetch: async (url: string, { body, ...rest }: { body: Buffer }) => {
      expect(new Request(url, { body, ...rest }).headers.get("content-type")).toBeNull();
      answers.push({ url, body: JSON.parse(body.toString()) });
      return { ok: true };
    },
  };
  runInNewContext(handlerSource, context);
  await context.exports.handler(event, {
    functionName: "runner",
    getRemainingTimeInMillis: () => (remaining.length > 1 ? (remaining.shift() ?? 0) : (remaining[0] ?? 0)),
  });
  return { calls, answers, names: calls.map(([name]) => name), now };
}

const stopped = (container: object) => ({
  tasks: [{ lastStatus: "STOPPED", containers: [{ name: "app", ...container }] }],
});
const running = { tasks: [{ lastStatus: "RUNNING", containers: [] }] };
const arn = "arn:aws:ecs:us-east-1:111122223333:task/cluster/abc";
const startedTask = { runTask: () => ({ tasks: [{ taskArn: arn }] }) };
const inSequence = (...values: object[]) => {
  let index = 0;
  return () => values[Math.min(index++, values.length - 1)];
};

test("the source fits into an inline function", () => {
  expect(handlerSource.length).toBeLessThanOrEqual(4096);
});

describe("a job", () => {
  test("runs in the app's cluster with its own command, and the stack continues when it succeeds", async () => {
    const { calls, answers } = await run({
      apis: { ...startedTask, describeTasks: inSequence(running, running, stopped({ exitCode: 0 })) },
    });
    expect(calls[0]).toEqual([
      "runTask",
      expect.objectContaining({
        cluster: "cluster",
        taskDefinition: "task:1",
        launchType: "FARGATE",
        clientToken: "request-1",
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: ["subnet-1", "subnet-2"],
            securityGroups: ["sg-1"],
            assignPublicIp: "ENABLED",
          },
        },
        overrides: expect.objectContaining({
          containerOverrides: [{ name: "app", command: ["/bin/sh", "-c", "echo ${HOME}"] }],
        }),
      }),
    ]);
    expect(answers).toEqual([
      {
        url: request.ResponseURL,
        body: {
          Status: "SUCCESS",
          Reason: "",
          PhysicalResourceId: "JobReleaseRun",
          StackId: "arn:stack",
          RequestId: "request-1",
          LogicalResourceId: "JobReleaseRun",
        },
      },
    ]);
  });

  test("reports a failure with its exit code and last log lines", async () => {
    const { answers, calls } = await run({
      apis: {
        ...startedTask,
        describeTasks: () => stopped({ exitCode: 3 }),
        getLogEvents: () => ({ events: [{ message: "migrating" }, { message: "no such table\n" }] }),
      },
    });
    expect(answers[0]?.body).toMatchObject({
      Status: "FAILED",
      Reason: "The job release: it ended with exit code 3.\nmigrating\nno such table",
    });
    expect(calls.at(-1)?.[1]).toMatchObject({ logGroupName: "logs", logStreamName: "jobs/app/abc" });
  });

  test("reports why its container never started, even if its log cannot be read", async () => {
    const { answers } = await run({
      apis: { ...startedTask, describeTasks: () => stopped({ reason: "CannotPullContainerError: not found" }) },
    });
    expect(answers[0]?.body).toMatchObject({
      Status: "FAILED",
      Reason: "The job release: CannotPullContainerError: not found",
    });
  });

  test("fails at once with ECS's reason if ECS rejects it", async () => {
    const { answers } = await run({ apis: { runTask: () => ({ failures: [{ reason: "RESOURCE:ENI" }] }) } });
    expect(answers[0]?.body).toMatchObject({ Status: "FAILED", Reason: expect.stringContaining("RESOURCE:ENI") });
  });

  test("is retried while its new role is propagating", async () => {
    const propagationError = Object.assign(new Error("ECS was unable to assume the role"), { name: "ClientException" });
    let attempts = 0;
    const { answers, now } = await run({
      apis: {
        runTask: () => {
          if (++attempts < 4) throw propagationError;
          return startedTask.runTask();
        },
        describeTasks: () => stopped({ exitCode: 0 }),
      },
    });
    expect(answers[0]?.body.Status).toBe("SUCCESS");
    expect(now).toBe(30_000);
  });

  test("continues in another invocation when it outlives one, and is not started twice", async () => {
    const first = await run({
      apis: { ...startedTask, describeTasks: () => running, invoke: () => ({}) },
      remainingMs: [900_000, 70_000, 50_000],
    });
    expect(first.answers).toEqual([]);
    expect(first.names.at(-1)).toBe("invoke");
    const invocation = first.calls.at(-1)?.[1] as { FunctionName: string; InvocationType: string; Payload: string };
    expect(invocation).toMatchObject({ FunctionName: "runner", InvocationType: "Event" });
    const second = await run({
      apis: { describeTasks: () => stopped({ exitCode: 0 }) },
      event: JSON.parse(invocation.Payload),
    });
    expect(second.names).toEqual(["describeTasks"]);
    expect(second.answers[0]?.body.Status).toBe("SUCCESS");
  });

  test("has its own timeout, at most 55 minutes", async () => {
    const maxSeconds = async (Seconds?: string) =>
      (
        await run({
          apis: { ...startedTask, describeTasks: () => running },
          event: { ...request, ResourceProperties: { ...jobProperties, Seconds } },
        })
      ).answers[0]?.body.Reason;
    expect(await maxSeconds("600")).toBe("The job release: it did not end within 10 minutes.");
    expect(await maxSeconds()).toBe("The job release: it did not end within 55 minutes.");
  });
});

describe("a build", () => {
  const event = { ...request, ResourceProperties: { Kind: "build", Title: "The build", Project: "project" } };
  const logs = { groupName: "logs", streamName: "build/abc" };
  test("starts once and is waited for", async () => {
    const { calls, answers } = await run({
      event,
      apis: {
        startBuild: () => ({ build: { id: "project:1" } }),
        batchGetBuilds: inSequence(
          { builds: [{ buildStatus: "IN_PROGRESS" }] },
          { builds: [{ buildStatus: "SUCCEEDED" }] },
        ),
      },
    });
    expect(calls[0]).toEqual(["startBuild", { projectName: "project", idempotencyToken: "request-1" }]);
    expect(answers[0]?.body.Status).toBe("SUCCESS");
  });
  test("reports the last lines of its log when it fails", async () => {
    const { answers } = await run({
      event,
      apis: {
        startBuild: () => ({ build: { id: "project:1" } }),
        batchGetBuilds: () => ({ builds: [{ buildStatus: "FAILED", logs }] }),
        getLogEvents: () => ({ events: [{ message: "npm error missing script: build" }] }),
      },
    });
    expect(answers[0]?.body).toMatchObject({
      Status: "FAILED",
      Reason: "The build: it ended as FAILED.\nnpm error missing script: build",
    });
  });
});

test("deleting the stack runs nothing", async () => {
  const { calls, answers } = await run({
    apis: {},
    event: { ...request, RequestType: "Delete", PhysicalResourceId: "it" },
  });
  expect(calls).toEqual([]);
  expect(answers[0]?.body).toMatchObject({ Status: "SUCCESS", PhysicalResourceId: "it" });
});

test("an update runs the release again, but no first-time job", async () => {
  const update = (Once: string) => ({
    ...request,
    RequestType: "Update",
    ResourceProperties: { ...jobProperties, Once },
  });
  const apis = { ...startedTask, describeTasks: () => stopped({ exitCode: 0 }) };
  expect((await run({ apis, event: update("false") })).names).toContain("runTask");
  expect((await run({ apis, event: update("true") })).names).toEqual([]);
});
