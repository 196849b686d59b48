import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploymentJson } from "../../../src/deployments/to-json.ts";
import { throttled } from "../../fakes/aws/aws.ts";
import { aTemplate } from "../../fakes/aws/stack.ts";
import { createTestAws, type TestAws, typedSecret } from "../../fakes/aws/test-aws.ts";
import { collectStream } from "../../harness/scripted-cloud.ts";

let env: TestAws;
beforeEach(async () => {
  env = await createTestAws();
});
afterEach(async () => {
  expect(env.aws.bugs).toEqual([]);
  await env.close();
});

type TestDeployments = ReturnType<TestAws["createDeployments"]>;
const readDeployment = ({ story, db }: TestDeployments, id: string) => {
  const row = story.find(id);
  if (!row) throw new Error("there is no such deployment");
  return deploymentJson(db, row);
};

/** Deploys and returns the events. */
async function deploy(started: TestDeployments) {
  const { id } = started.story.start(started.order);
  const text = await collectStream(started.story, id);
  expect(started.bugs).toEqual([]);
  return { id, text, twin: () => readDeployment(started, id) };
}

async function removeDeployment(started: TestDeployments, id: string) {
  const from = started.story.lastEventId(id);
  started.story.remove(id);
  const text = await collectStream(started.story, id, from);
  expect(started.bugs).toEqual([]);
  return text;
}

test("creates a stack in the visitor's account, reports CloudFormation's own messages and waits for the URL", async () => {
  const started = env.createDeployments(await env.createRole());
  const { text, twin: readDeployment } = await deploy(started);
  expect(readDeployment()).toMatchObject({
    state: "succeeded",
    url: expect.stringMatching(/^https:\/\/d\w+\.cloudfront\.net\/$/),
    error: null,
  });
  expect(readDeployment().steps.map(({ name, state }) => [name, state])).toEqual(
    ["network", "database", "files", "web", "stack", "answer"].map((name) => [name, "done"]),
  );
  for (const line of ["Database CREATE_IN_PROGRESS: Resource creation Initiated", "Cdn CREATE_COMPLETE"])
    expect(text.split(`"line":"${line}"`).length - 1).toBe(1);
  expect(text.indexOf('"network","state":"done"')).toBeLessThan(text.indexOf('"database","state":"done"'));
  expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
  const [stack] = env.aws.stacks().filter(({ name }) => name === "slipway-an-app-deployme");
  expect(stack?.tags).toEqual({
    "slipway:app": "an-app",
    "slipway:deployment": "deployment1",
    "slipway:commit": "0123456789abcdef0123456789abcdef01234567",
  });
  expect(stack?.parameters.EnvSecretKey).toBe(typedSecret);
});

describe("when something fails", () => {
  const types = Object.entries(aTemplate().Resources).map(([id, { Type }]) => [id, Type] as const);
  test.each(types)("%s (%s): reports the first cause, rolls back, and a retry uses the same name", async (id) => {
    const started = env.createDeployments(await env.createRole());
    env.aws.engine.settings.fails.set(id, `${id} is out of stock (Service: Test, Status Code: 400)`);
    const failed = await deploy(started);
    const { state, error, steps } = failed.twin();
    expect(state).toBe("failed");
    expect(error?.message).toBe(`${id} CREATE_FAILED: ${id} is out of stock (Service: Test, Status Code: 400)`);
    expect(error?.next).toContain("taken away again");
    const step = steps.find(({ name }) => name === error?.step);
    expect(step?.state).toBe("failed");
    expect(steps.filter(({ state }) => state === "running" || state === "done")).toEqual([]);
    expect(env.stacks()).toEqual(["ROLLBACK_COMPLETE"]);
    expect(env.inventory()).toEqual([]);

    env.aws.engine.settings.fails.clear();
    started.story.retry(failed.id);
    await collectStream(started.story, failed.id);
    expect(started.bugs).toEqual([]);
    expect(failed.twin()).toMatchObject({ state: "succeeded", error: null });
    expect(env.stacks()).toEqual(["DELETE_COMPLETE", "CREATE_COMPLETE"]);
  });

  test("does not report a cancelled resource as the cause", async () => {
    const started = env.createDeployments(await env.createRole());
    // It fails while four others are being created; CloudFormation reports all five as failed.
    env.aws.engine.settings.fails.set("Password", "no randomness left");
    const { text, twin: readDeployment } = await deploy(started);
    expect(text).toContain("Resource creation cancelled");
    expect(readDeployment().error).toMatchObject({
      message: "Password CREATE_FAILED: no randomness left",
      step: "database",
    });
  });

  test("names what a rollback leaves behind", async () => {
    const started = env.createDeployments(await env.createRole());
    env.aws.engine.settings.fails.set("Web", "ECS Deployment Circuit Breaker was triggered");
    env.aws.engine.settings.failsToDelete.set("Database", "it is being backed up");
    const { id, twin: readDeployment } = await deploy(started);
    expect(readDeployment().error?.next).toMatch(
      /does not start.*Left in your account.*: Network, Password, Subnet, Database of/,
    );
    expect(env.stacks()).toEqual(["ROLLBACK_FAILED"]);
    env.aws.engine.settings.failsToDelete.clear();
    await removeDeployment(started, id);
    expect(readDeployment().state).toBe("removed");
    expect(env.inventory()).toEqual([]);
  });

  test("reports a stack that was deleted meanwhile", async () => {
    const started = env.createDeployments(await env.createRole());
    const { id } = started.story.start(started.order);
    started.feed.listen(id, {
      message: ({ bytes }) => {
        if (!new TextDecoder().decode(bytes).includes("Database CREATE_IN_PROGRESS")) return;
        for (const stack of env.aws.stacks())
          if (stack.name.startsWith("slipway-") && stack.status === "CREATE_IN_PROGRESS") env.aws.deleteStack(stack);
      },
      end: () => {},
    });
    await collectStream(started.story, id);
    expect(readDeployment(started, id).error).toMatchObject({
      message: expect.stringContaining("DELETE_COMPLETE"),
      step: "stack",
    });
    expect(env.inventory()).toEqual([]);
  });

  test("reports an app that never responds, and that its resources still cost money", async () => {
    await env.close();
    let appStatus = 503;
    env = await createTestAws({ answers: () => appStatus });
    const started = env.createDeployments(await env.createRole());
    const { id, twin: readDeployment } = await deploy(started);
    expect(readDeployment()).toMatchObject({
      state: "failed",
      error: {
        message: expect.stringContaining("answers with 503"),
        next: expect.stringContaining("costs"),
        step: "answer",
      },
    });
    expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
    appStatus = 200;
    started.story.retry(id);
    await collectStream(started.story, id);
    expect(readDeployment().state).toBe("succeeded");
  });

  test("leaves another stack of the same name alone", async () => {
    const access = await env.createRole();
    await env.createStack("slipway-an-app-deployme", { Resources: { Theirs: { Type: "AWS::EC2::VPC" } } });
    const started = env.createDeployments(access);
    const { id, twin: readDeployment } = await deploy(started);
    expect(readDeployment().error?.message).toContain("is not of this deployment");
    await removeDeployment(started, id);
    expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("never sends an answer with a dynamic reference", async () => {
    const started = env.createDeployments(await env.createRole());
    started.order.env = { SECRET_KEY: "{{resolve:secretsmanager:theirs}}" };
    const { twin: readDeployment } = await deploy(started);
    expect(readDeployment().error?.message).toContain("{{resolve:");
    expect(env.aws.calls.filter((call) => call === "CreateStack")).toHaveLength(1);
    expect(env.stacks()).toEqual([]);
  });

  test("names answers that are too long for their shared parameter, and creates nothing", async () => {
    const names = ["LONGEST", "LONGER", "LONG"];
    const template = aTemplate();
    template.Metadata.Slipway.More = [...names, "EMPTY"].map((Name) => ({ Name, Default: "" }));
    template.Parameters.MoreVariables = { Type: "String", NoEcho: true, Default: "{}" };
    const started = env.createDeployments(await env.createRole(), { template });
    const sizes = [2000, 1900, 200];
    const answers = Object.fromEntries(names.map((name, index) => [name, "x".repeat(sizes[index] ?? 0)]));
    Object.assign(started.order.env, answers, { EMPTY: "" });
    const { twin: readDeployment } = await deploy(started);
    expect(readDeployment().error).toEqual({
      message:
        "CloudFormation takes these answers as one parameter of 4096 bytes, and they are 4147: LONGEST, LONGER, LONG.",
      next: "Deploy again with shorter ones, or leave out those the app can do without.",
      step: "stack",
    });
    expect(env.aws.calls.filter((call) => call === "CreateStack")).toHaveLength(1);
    expect(env.stacks()).toEqual([]);
    expect(env.inventory()).toEqual([]);
  });
});

describe("transient errors", () => {
  test("retries throttling of every action", async () => {
    const started = env.createDeployments(await env.createRole());
    for (const action of ["AssumeRoleWithWebIdentity", "CreateStack", "DescribeStacks", "DescribeStackEvents"])
      env.aws.failNext(action, throttled, 4);
    const { twin: readDeployment } = await deploy(started);
    expect(readDeployment().state).toBe("succeeded");
    expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("retries while AWS is briefly unavailable", async () => {
    const started = env.createDeployments(await env.createRole());
    env.aws.failNext("*", { code: "ServiceUnavailable", message: "Service is unavailable", status: 503 }, 6);
    const { twin: readDeployment } = await deploy(started);
    expect(readDeployment().state).toBe("succeeded");
  });

  test("retries a server error that the SDK cannot parse", async () => {
    const started = env.createDeployments(await env.createRole());
    env.aws.failNext("*", "unreadable", 6);
    const { twin: readDeployment } = await deploy(started);
    expect(readDeployment().state).toBe("succeeded");
    expect(started.bugs).toEqual([]);
  });

  test("reports a role that has not propagated, and a retry continues", async () => {
    const started = env.createDeployments(await env.createRole());
    const [, stacksRole] = [...env.visitor.account.roles].find(([name]) => name.endsWith("-stacks")) ?? [];
    const trust = stacksRole?.trust;
    if (stacksRole) stacksRole.trust = { Statement: [] };
    const { id, twin: readDeployment } = await deploy(started);
    expect(readDeployment().error).toMatchObject({
      message: expect.stringContaining("cannot be assumed"),
      next: expect.stringContaining("try again in a minute"),
      step: "stack",
    });
    if (stacksRole && trust) stacksRole.trust = trust;
    started.story.retry(id);
    await collectStream(started.story, id);
    expect(readDeployment().state).toBe("succeeded");
    expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("retries while AWS briefly cannot reach our origin", async () => {
    const started = env.createDeployments(await env.createRole());
    env.aws.failNext(
      "AssumeRoleWithWebIdentity",
      { code: "IDPCommunicationError", message: "no answer", status: 400 },
      3,
    );
    const { twin: readDeployment } = await deploy(started);
    expect(readDeployment().state).toBe("succeeded");
  });

  test("reports endless throttling in AWS's words, and a retry continues", async () => {
    const started = env.createDeployments(await env.createRole());
    env.aws.failNext("DescribeStackEvents", throttled, 10);
    const { id, twin: readDeployment } = await deploy(started);
    expect(readDeployment().error).toMatchObject({ message: "AWS says: Rate exceeded", step: "stack" });
    started.story.retry(id);
    await collectStream(started.story, id);
    expect(readDeployment().state).toBe("succeeded");
    expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("opens a new session with a new token when one expires", async () => {
    const started = env.createDeployments(await env.createRole());
    const { twin: readDeployment } = await deploy(started);
    expect(readDeployment().state).toBe("succeeded");
    // A session lasts 15 minutes; this stack takes longer.
    const assumed = env.aws.calls.filter((call) => call === "AssumeRoleWithWebIdentity");
    expect(assumed.length).toBeGreaterThan(1);
  });

  test("adopts the stack if the response to CreateStack is lost", async () => {
    const started = env.createDeployments(await env.createRole());
    env.aws.failNext("CreateStack", "lost", 2);
    const { twin: readDeployment } = await deploy(started);
    expect(readDeployment().state).toBe("succeeded");
    expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("reports a role that was deleted midway", async () => {
    const started = env.createDeployments(await env.createRole());
    const { id } = started.story.start(started.order);
    started.feed.listen(id, {
      message: ({ bytes }) => {
        if (new TextDecoder().decode(bytes).includes("Database CREATE_IN_PROGRESS")) {
          env.visitor.account.roles.clear();
          env.aws.expireSessions();
        }
      },
      end: () => {},
    });
    await collectStream(started.story, id);
    expect(started.bugs).toEqual([]);
    expect(readDeployment(started, id).error).toMatchObject({
      message: expect.stringContaining("AWS says: Not authorized"),
      next: expect.stringContaining("lend access again"),
    });
  });
});

test("uploads a template too long for a request to the visitor's bucket, and deletes it afterwards", async () => {
  const longTemplate = aTemplate({ Description: "Hello" });
  for (let index = 0; index < 400; index++)
    longTemplate.Resources[`Subnet${index}`] = {
      Type: "AWS::EC2::Subnet",
      Properties: { VpcId: { Ref: "Network" }, Comment: "x".repeat(80) },
    };
  const started = env.createDeployments(await env.createRole(), { template: longTemplate });
  const { twin: readDeployment } = await deploy(started);
  expect(readDeployment()).toMatchObject({ state: "succeeded" });
  expect(env.aws.calls).toContain("S3 PUT object");
  expect(
    [...env.visitor.account.buckets.values()].flatMap(({ name, versions }) =>
      name.startsWith("lent") ? versions : [],
    ),
  ).toEqual([]);
});

describe("removal", () => {
  test("during creation deletes everything", async () => {
    const started = env.createDeployments(await env.createRole());
    const { id } = started.story.start(started.order);
    await new Promise<void>((resolve) => {
      started.feed.listen(id, {
        message: ({ bytes }) => {
          if (new TextDecoder().decode(bytes).includes("Release CREATE_IN_PROGRESS")) resolve();
        },
        end: () => {},
      });
    });
    await removeDeployment(started, id);
    expect(started.bugs).toEqual([]);
    expect(readDeployment(started, id).state).toBe("removed");
    expect(env.stacks()).toEqual(["DELETE_COMPLETE"]);
    expect(env.inventory()).toEqual([]);
  });

  test("before any request needs no access", async () => {
    const started = env.createDeployments({});
    const { id, twin: readDeployment } = await deploy(started);
    expect(readDeployment().error?.message).toContain("no longer lent");
    await removeDeployment(started, id);
    expect(readDeployment().state).toBe("removed");
  });

  test("empties buckets with all versions, again if the app writes meanwhile", async () => {
    const { id, told: started } = await failedDeployment();
    const files = bucket();
    for (let index = 0; index < 1500; index++)
      env.aws.putObject(files, `file ${index % 700} & <more>`, index % 3 === 0 ? null : "text");
    env.aws.onEmptied = () => {
      env.aws.putObject(files, "late.txt", "text");
      env.aws.onEmptied = () => {};
    };
    const text = await removeDeployment(started, id);
    expect(text).toContain("Files emptied of 1500 objects");
    expect(text).toContain("filled again");
    expect(readDeployment(started, id).state).toBe("removed");
    expect(env.inventory()).toEqual([]);
    expect(env.stacks()).toEqual(["DELETE_COMPLETE"]);
  });

  test("lifts a database's deletion protection", async () => {
    const template = aTemplate();
    const database = template.Resources.Database;
    template.Parameters.Protected = { Type: "String", Default: "false" };
    template.Conditions.IsProtected = { "Fn::Equals": [{ Ref: "Protected" }, "true"] };
    if (database)
      template.Resources.Database = {
        ...database,
        Properties: { ...database.Properties, DeletionProtection: { "Fn::If": ["IsProtected", true, false] } },
      };
    const { id, told: started } = await failedDeployment(template);
    const text = await removeDeployment(started, id);
    expect(text).toContain("Lifting the protection");
    expect(readDeployment(started, id).state).toBe("removed");
    expect(env.inventory()).toEqual([]);
  });

  test("does not touch a retained bucket", async () => {
    const template = aTemplate();
    template.Resources.Files = { Type: "AWS::S3::Bucket", DeletionPolicy: "Retain" };
    const { id, told: started } = await failedDeployment(template);
    const files = bucket();
    env.aws.putObject(files, "precious.txt", "text");
    await removeDeployment(started, id);
    expect(readDeployment(started, id).state).toBe("removed");
    expect(files.versions).toHaveLength(1);
    expect(env.inventory()).toEqual([files.name]);
  });

  test("reports why CloudFormation cannot finish, and can be repeated", async () => {
    const { id, told: started } = await failedDeployment();
    env.aws.engine.settings.failsToDelete.set("Network", "The vpc has dependencies and cannot be deleted.");
    await removeDeployment(started, id);
    expect(readDeployment(started, id)).toMatchObject({
      state: "failed",
      error: { message: "Network DELETE_FAILED: The vpc has dependencies and cannot be deleted." },
    });
    env.aws.engine.settings.failsToDelete.clear();
    await removeDeployment(started, id);
    expect(readDeployment(started, id).state).toBe("removed");
    expect(env.inventory()).toEqual([]);
  });

  test("is completed by the next attempt", async () => {
    const { id, told: started } = await failedDeployment();
    env.aws.engine.settings.failsToDelete.set("Network", "The vpc has dependencies and cannot be deleted.");
    await removeDeployment(started, id);
    expect(env.stacks()).toEqual(["DELETE_FAILED"]);
    env.aws.engine.settings.failsToDelete.clear();
    expect(started.story.retry(id)).toBe(false);
    await removeDeployment(started, id);
    expect(started.bugs).toEqual([]);
    expect(env.stacks()).toEqual(["DELETE_COMPLETE"]);
  });

  test("without access says where to delete the stack by hand", async () => {
    const started = env.createDeployments(await env.createRole());
    const { id, twin: readDeployment } = await deploy(started);
    await removeDeployment(started, id);
    expect(readDeployment()).toMatchObject({
      state: "failed",
      error: {
        message: "Access to this account is no longer lent.",
        next: expect.stringContaining("slipway-an-app-deployme"),
      },
    });
    expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  /** Creates a deployment with a complete stack and its access: its app never responded. */
  async function failedDeployment(template = aTemplate()) {
    await env.close();
    env = await createTestAws({ answers: () => 503 });
    const started = env.createDeployments(await env.createRole(), { template });
    const { id } = await deploy(started);
    expect(env.stacks()).toEqual([template.Parameters.Protected ? "UPDATE_COMPLETE" : "CREATE_COMPLETE"]);
    return { id, told: started };
  }
  function bucket() {
    const bucket = [...env.visitor.account.buckets.values()].find(({ name }) => name.startsWith("slipway-"));
    if (!bucket) throw new Error("there is no bucket");
    return bucket;
  }
});

test("a stopping server leaves the stack running, and the next start resumes it", async () => {
  const started = env.createDeployments(await env.createRole());
  const { id } = started.story.start(started.order);
  await new Promise<void>((resolve) => {
    started.feed.listen(id, {
      message: ({ bytes }) => {
        if (new TextDecoder().decode(bytes).includes("Subnet CREATE_COMPLETE")) resolve();
      },
      end: () => {},
    });
  });
  await started.story.drain();
  expect(readDeployment(started, id).state).toBe("running");
  const next = env.createDeployments({}, { db: started.db });
  next.story.resume();
  const text = await collectStream(next.story, id);
  expect(next.bugs).toEqual([]);
  expect(readDeployment(next, id).state).toBe("succeeded");
  for (const line of ["Subnet CREATE_COMPLETE", "Cdn CREATE_COMPLETE"])
    expect([line, text.split(`"line":"${line}"`).length - 1]).toEqual([line, 1]);
  expect(env.stacks()).toEqual(["CREATE_COMPLETE"]);
});

test("no secret is in the plan, the events, the database or AWS's responses", async () => {
  const access = await env.createRole();
  const started = env.createDeployments(access);
  env.aws.engine.settings.fails.set("Web", `the container ended: bad key ${typedSecret}`);
  const { id } = await deploy(started);
  env.aws.engine.settings.fails.clear();
  started.story.retry(id);
  await collectStream(started.story, id);
  expect(readDeployment(started, id).state).toBe("succeeded");
  const database = started.db.$client.serialize().toString("latin1");
  expect(database).toContain("slipway-an-app-deployme");
  for (const secret of [typedSecret, access.subject ?? "?"]) expect(database).not.toContain(secret);
  expect(database).not.toMatch(/ASIA[0-9A-F]{16}|eyJhbGciOi/);
});
