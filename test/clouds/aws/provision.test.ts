import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploymentJson } from "../../../src/deployments/to-json.ts";
import { throttled } from "../../fakes/aws/aws.ts";
import { aTemplate } from "../../fakes/aws/stack.ts";
import { entered, type Visit, visit } from "../../fakes/aws/visit.ts";
import { collectStream } from "../../harness/scripted-cloud.ts";

let here: Visit;
beforeEach(async () => {
  here = await visit();
});
afterEach(async () => {
  expect(here.aws.bugs).toEqual([]);
  await here.end();
});

type Told = ReturnType<Visit["story"]>;
const twin = ({ story, db }: Told, id: string) => {
  const row = story.find(id);
  if (!row) throw new Error("there is no such deployment");
  return deploymentJson(db, row);
};

/** Deploys, and says what was said. */
async function deployed(told: Told) {
  const { id } = told.story.start(told.order);
  const text = await collectStream(told.story, id);
  expect(told.bugs).toEqual([]);
  return { id, text, twin: () => twin(told, id) };
}

async function removed(told: Told, id: string) {
  const from = told.story.lastEventId(id);
  told.story.remove(id);
  const text = await collectStream(told.story, id, from);
  expect(told.bugs).toEqual([]);
  return text;
}

test("a stack is created in the visitor's account, told in CloudFormation's own words, and its URL awaited", async () => {
  const told = here.story(await here.lends());
  const { text, twin } = await deployed(told);
  expect(twin()).toMatchObject({
    state: "succeeded",
    url: expect.stringMatching(/^https:\/\/d\w+\.cloudfront\.net\/$/),
    error: null,
  });
  expect(twin().steps.map(({ name, state }) => [name, state])).toEqual(
    ["network", "database", "files", "web", "stack", "answer"].map((name) => [name, "done"]),
  );
  for (const words of ["Database CREATE_IN_PROGRESS: Resource creation Initiated", "Cdn CREATE_COMPLETE"])
    expect(text.split(`"line":"${words}"`).length - 1).toBe(1);
  expect(text.indexOf('"network","state":"done"')).toBeLessThan(text.indexOf('"database","state":"done"'));
  expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
  const [stack] = here.aws.stacks().filter(({ name }) => name === "slipway-an-app-deployme");
  expect(stack?.tags).toEqual({
    "slipway:app": "an-app",
    "slipway:deployment": "deployment1",
    "slipway:commit": "0123456789abcdef0123456789abcdef01234567",
  });
  expect(stack?.parameters.EnvSecretKey).toBe(entered);
});

describe("when something fails", () => {
  const types = Object.entries(aTemplate().Resources).map(([id, { Type }]) => [id, Type] as const);
  test.each(types)(
    "%s (%s): the first cause is told, the rest rolled back, and a retry uses the same name",
    async (id) => {
      const told = here.story(await here.lends());
      here.aws.engine.wishes.fails.set(id, `${id} is out of stock (Service: Test, Status Code: 400)`);
      const failed = await deployed(told);
      const { state, error, steps } = failed.twin();
      expect(state).toBe("failed");
      expect(error?.message).toBe(`${id} CREATE_FAILED: ${id} is out of stock (Service: Test, Status Code: 400)`);
      expect(error?.next).toContain("taken away again");
      const step = steps.find(({ name }) => name === error?.step);
      expect(step?.state).toBe("failed");
      expect(steps.filter(({ state }) => state === "running" || state === "done")).toEqual([]);
      expect(here.stacks()).toEqual(["ROLLBACK_COMPLETE"]);
      expect(here.left()).toEqual([]);

      here.aws.engine.wishes.fails.clear();
      told.story.retry(failed.id);
      await collectStream(told.story, failed.id);
      expect(told.bugs).toEqual([]);
      expect(failed.twin()).toMatchObject({ state: "succeeded", error: null });
      expect(here.stacks()).toEqual(["DELETE_COMPLETE", "CREATE_COMPLETE"]);
    },
  );

  test("what was only called off is not taken for the cause", async () => {
    const told = here.story(await here.lends());
    // It fails while four others are under way, and CloudFormation says so of all five.
    here.aws.engine.wishes.fails.set("Password", "no randomness left");
    const { text, twin } = await deployed(told);
    expect(text).toContain("Resource creation cancelled");
    expect(twin().error).toMatchObject({ message: "Password CREATE_FAILED: no randomness left", step: "database" });
  });

  test("what a rollback leaves behind is named", async () => {
    const told = here.story(await here.lends());
    here.aws.engine.wishes.fails.set("Web", "ECS Deployment Circuit Breaker was triggered");
    here.aws.engine.wishes.failsToDelete.set("Database", "it is being backed up");
    const { id, twin } = await deployed(told);
    expect(twin().error?.next).toMatch(
      /does not start.*Left in your account.*: Network, Password, Subnet, Database of/,
    );
    expect(here.stacks()).toEqual(["ROLLBACK_FAILED"]);
    here.aws.engine.wishes.failsToDelete.clear();
    await removed(told, id);
    expect(twin().state).toBe("removed");
    expect(here.left()).toEqual([]);
  });

  test("a stack that somebody deletes meanwhile is a failure that says so", async () => {
    const told = here.story(await here.lends());
    const { id } = told.story.start(told.order);
    told.feed.listen(id, {
      message: ({ bytes }) => {
        if (!new TextDecoder().decode(bytes).includes("Database CREATE_IN_PROGRESS")) return;
        for (const stack of here.aws.stacks())
          if (stack.name.startsWith("slipway-") && stack.status === "CREATE_IN_PROGRESS") here.aws.deletes(stack);
      },
      end: () => {},
    });
    await collectStream(told.story, id);
    expect(twin(told, id).error).toMatchObject({ message: expect.stringContaining("DELETE_COMPLETE"), step: "stack" });
    expect(here.left()).toEqual([]);
  });

  test("an app that never answers is a failure that says what is there and costs money", async () => {
    await here.end();
    let answering = 503;
    here = await visit({ answers: () => answering });
    const told = here.story(await here.lends());
    const { id, twin } = await deployed(told);
    expect(twin()).toMatchObject({
      state: "failed",
      error: {
        message: expect.stringContaining("answers with 503"),
        next: expect.stringContaining("costs"),
        step: "answer",
      },
    });
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
    answering = 200;
    told.story.retry(id);
    await collectStream(told.story, id);
    expect(twin().state).toBe("succeeded");
  });

  test("a stack of that name that is not ours is left alone", async () => {
    const access = await here.lends();
    await here.runs("slipway-an-app-deployme", { Resources: { Theirs: { Type: "AWS::EC2::VPC" } } });
    const told = here.story(access);
    const { id, twin } = await deployed(told);
    expect(twin().error?.message).toContain("is not of this deployment");
    await removed(told, id);
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("an answer that CloudFormation would take for a secret of the account is never sent", async () => {
    const told = here.story(await here.lends());
    told.order.env = { SECRET_KEY: "{{resolve:secretsmanager:theirs}}" };
    const { twin } = await deployed(told);
    expect(twin().error?.message).toContain("{{resolve:");
    expect(here.aws.calls.filter((call) => call === "CreateStack")).toHaveLength(1);
    expect(here.stacks()).toEqual([]);
  });

  test("answers that are too long for the parameter they share are named, and nothing is created", async () => {
    const names = ["LONGEST", "LONGER", "LONG"];
    const template = aTemplate();
    template.Metadata.Slipway.More = [...names, "EMPTY"].map((Name) => ({ Name, Default: "" }));
    template.Parameters.MoreVariables = { Type: "String", NoEcho: true, Default: "{}" };
    const told = here.story(await here.lends(), { template });
    const sizes = [2000, 1900, 200];
    const env = Object.fromEntries(names.map((name, index) => [name, "x".repeat(sizes[index] ?? 0)]));
    Object.assign(told.order.env, env, { EMPTY: "" });
    const { twin } = await deployed(told);
    expect(twin().error).toEqual({
      message:
        "CloudFormation takes these answers as one parameter of 4096 bytes, and they are 4147: LONGEST, LONGER, LONG.",
      next: "Deploy again with shorter ones, or leave out those the app can do without.",
      step: "stack",
    });
    expect(here.aws.calls.filter((call) => call === "CreateStack")).toHaveLength(1);
    expect(here.stacks()).toEqual([]);
    expect(here.left()).toEqual([]);
  });
});

describe("what passes", () => {
  test("throttling is waited out, everywhere", async () => {
    const told = here.story(await here.lends());
    for (const action of ["AssumeRoleWithWebIdentity", "CreateStack", "DescribeStacks", "DescribeStackEvents"])
      here.aws.upset(action, throttled, 4);
    const { twin } = await deployed(told);
    expect(twin().state).toBe("succeeded");
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("AWS being away for a moment is waited out", async () => {
    const told = here.story(await here.lends());
    here.aws.upset("*", { code: "ServiceUnavailable", message: "Service is unavailable", status: 503 }, 6);
    const { twin } = await deployed(told);
    expect(twin().state).toBe("succeeded");
  });

  test("a role that is not known everywhere yet is a sentence, and a retry goes on", async () => {
    const told = here.story(await here.lends());
    const [, stacksRole] = [...here.there.account.roles].find(([name]) => name.endsWith("-stacks")) ?? [];
    const trust = stacksRole?.trust;
    if (stacksRole) stacksRole.trust = { Statement: [] };
    const { id, twin } = await deployed(told);
    expect(twin().error).toMatchObject({
      message: expect.stringContaining("cannot be assumed"),
      next: expect.stringContaining("try again in a minute"),
      step: "stack",
    });
    if (stacksRole && trust) stacksRole.trust = trust;
    told.story.retry(id);
    await collectStream(told.story, id);
    expect(twin().state).toBe("succeeded");
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("our address being out of AWS's reach for a moment is waited out", async () => {
    const told = here.story(await here.lends());
    here.aws.upset(
      "AssumeRoleWithWebIdentity",
      { code: "IDPCommunicationError", message: "no answer", status: 400 },
      3,
    );
    const { twin } = await deployed(told);
    expect(twin().state).toBe("succeeded");
  });

  test("throttling without end is a refusal in AWS's words, and a retry goes on", async () => {
    const told = here.story(await here.lends());
    here.aws.upset("DescribeStackEvents", throttled, 10);
    const { id, twin } = await deployed(told);
    expect(twin().error).toMatchObject({ message: "AWS says: Rate exceeded", step: "stack" });
    told.story.retry(id);
    await collectStream(told.story, id);
    expect(twin().state).toBe("succeeded");
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("a session that is over is opened again, with a new token", async () => {
    const told = here.story(await here.lends());
    const { twin } = await deployed(told);
    expect(twin().state).toBe("succeeded");
    // A session lasts 15 minutes; this stack takes longer.
    const assumed = here.aws.calls.filter((call) => call === "AssumeRoleWithWebIdentity");
    expect(assumed.length).toBeGreaterThan(1);
  });

  test("when the answer to CreateStack is lost, the stack that it made is adopted", async () => {
    const told = here.story(await here.lends());
    here.aws.upset("CreateStack", "lost", 2);
    const { twin } = await deployed(told);
    expect(twin().state).toBe("succeeded");
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  test("a role that is taken back in the middle ends in a sentence, not in a crash", async () => {
    const told = here.story(await here.lends());
    const { id } = told.story.start(told.order);
    told.feed.listen(id, {
      message: ({ bytes }) => {
        if (new TextDecoder().decode(bytes).includes("Database CREATE_IN_PROGRESS")) {
          here.there.account.roles.clear();
          here.aws.expire();
        }
      },
      end: () => {},
    });
    await collectStream(told.story, id);
    expect(told.bugs).toEqual([]);
    expect(twin(told, id).error).toMatchObject({
      message: expect.stringContaining("AWS says: Not authorized"),
      next: expect.stringContaining("lend access again"),
    });
  });
});

test("a template longer than a request may be goes through the visitor's own bucket, and does not stay there", async () => {
  const long = aTemplate({ Description: "Hello" });
  for (let index = 0; index < 400; index++)
    long.Resources[`Subnet${index}`] = {
      Type: "AWS::EC2::Subnet",
      Properties: { VpcId: { Ref: "Network" }, Comment: "x".repeat(80) },
    };
  const told = here.story(await here.lends(), { template: long });
  const { twin } = await deployed(told);
  expect(twin()).toMatchObject({ state: "succeeded" });
  expect(here.aws.calls).toContain("S3 PUT object");
  expect(
    [...here.there.account.buckets.values()].flatMap(({ name, versions }) => (name.startsWith("lent") ? versions : [])),
  ).toEqual([]);
});

describe("removal", () => {
  test("while it is being created, takes everything away", async () => {
    const told = here.story(await here.lends());
    const { id } = told.story.start(told.order);
    await new Promise<void>((resolve) => {
      told.feed.listen(id, {
        message: ({ bytes }) => {
          if (new TextDecoder().decode(bytes).includes("Release CREATE_IN_PROGRESS")) resolve();
        },
        end: () => {},
      });
    });
    await removed(told, id);
    expect(told.bugs).toEqual([]);
    expect(twin(told, id).state).toBe("removed");
    expect(here.stacks()).toEqual(["DELETE_COMPLETE"]);
    expect(here.left()).toEqual([]);
  });

  test("before anything was asked for, needs no access", async () => {
    const told = here.story({});
    const { id, twin } = await deployed(told);
    expect(twin().error?.message).toContain("no longer lent");
    await removed(told, id);
    expect(twin().state).toBe("removed");
  });

  test("empties buckets with all their versions, and once more when the app fills them meanwhile", async () => {
    const { id, told } = await failing();
    const files = bucket();
    for (let index = 0; index < 1500; index++)
      here.aws.put(files, `file ${index % 700} & <more>`, index % 3 === 0 ? null : "text");
    here.aws.onEmptied = () => {
      here.aws.put(files, "late.txt", "text");
      here.aws.onEmptied = () => {};
    };
    const text = await removed(told, id);
    expect(text).toContain("Files emptied of 1500 objects");
    expect(text).toContain("filled again");
    expect(twin(told, id).state).toBe("removed");
    expect(here.left()).toEqual([]);
    expect(here.stacks()).toEqual(["DELETE_COMPLETE"]);
  });

  test("lifts the protection of a database that a preset protects", async () => {
    const template = aTemplate();
    const database = template.Resources.Database;
    if (database)
      template.Resources.Database = { ...database, Properties: { ...database.Properties, DeletionProtection: true } };
    const { id, told } = await failing(template);
    const text = await removed(told, id);
    expect(text).toContain("Lifting the protection");
    expect(twin(told, id).state).toBe("removed");
    expect(here.left()).toEqual([]);
  });

  test("leaves a bucket that the template retains as it is", async () => {
    const template = aTemplate();
    template.Resources.Files = { Type: "AWS::S3::Bucket", DeletionPolicy: "Retain" };
    const { id, told } = await failing(template);
    const files = bucket();
    here.aws.put(files, "precious.txt", "text");
    await removed(told, id);
    expect(twin(told, id).state).toBe("removed");
    expect(files.versions).toHaveLength(1);
    expect(here.left()).toEqual([files.name]);
  });

  test("that CloudFormation cannot finish says why, and can be asked for again", async () => {
    const { id, told } = await failing();
    here.aws.engine.wishes.failsToDelete.set("Network", "The vpc has dependencies and cannot be deleted.");
    await removed(told, id);
    expect(twin(told, id)).toMatchObject({
      state: "failed",
      error: { message: "Network DELETE_FAILED: The vpc has dependencies and cannot be deleted." },
    });
    here.aws.engine.wishes.failsToDelete.clear();
    await removed(told, id);
    expect(twin(told, id).state).toBe("removed");
    expect(here.left()).toEqual([]);
  });

  test("that was not finished is finished by the next try", async () => {
    const { id, told } = await failing();
    here.aws.engine.wishes.failsToDelete.set("Network", "The vpc has dependencies and cannot be deleted.");
    await removed(told, id);
    expect(here.stacks()).toEqual(["DELETE_FAILED"]);
    here.aws.engine.wishes.failsToDelete.clear();
    expect(told.story.retry(id)).toBe(false);
    await removed(told, id);
    expect(told.bugs).toEqual([]);
    expect(here.stacks()).toEqual(["DELETE_COMPLETE"]);
  });

  test("without access tells where to delete the stack by hand", async () => {
    const told = here.story(await here.lends());
    const { id, twin } = await deployed(told);
    await removed(told, id);
    expect(twin()).toMatchObject({
      state: "failed",
      error: {
        message: "Access to this account is no longer lent.",
        next: expect.stringContaining("slipway-an-app-deployme"),
      },
    });
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
  });

  /** A deployment whose stack stands, with the access still there: its app never answered. */
  async function failing(template = aTemplate()) {
    await here.end();
    here = await visit({ answers: () => 503 });
    const told = here.story(await here.lends(), { template });
    const { id } = await deployed(told);
    expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
    return { id, told };
  }
  function bucket() {
    const found = [...here.there.account.buckets.values()].find(({ name }) => name.startsWith("slipway-"));
    if (!found) throw new Error("there is no bucket");
    return found;
  }
});

test("a stopping server leaves the stack to itself, and the next start goes on with it", async () => {
  const told = here.story(await here.lends());
  const { id } = told.story.start(told.order);
  await new Promise<void>((resolve) => {
    told.feed.listen(id, {
      message: ({ bytes }) => {
        if (new TextDecoder().decode(bytes).includes("Subnet CREATE_COMPLETE")) resolve();
      },
      end: () => {},
    });
  });
  await told.story.drain();
  expect(twin(told, id).state).toBe("running");
  const next = here.story({}, { db: told.db });
  next.story.resume();
  const text = await collectStream(next.story, id);
  expect(next.bugs).toEqual([]);
  expect(twin(next, id).state).toBe("succeeded");
  for (const words of ["Subnet CREATE_COMPLETE", "Cdn CREATE_COMPLETE"])
    expect([words, text.split(`"line":"${words}"`).length - 1]).toEqual([words, 1]);
  expect(here.stacks()).toEqual(["CREATE_COMPLETE"]);
});

test("no secret is in the plan, the events, the database or what AWS shows", async () => {
  const access = await here.lends();
  const told = here.story(access);
  here.aws.engine.wishes.fails.set("Web", `the container ended: bad key ${entered}`);
  const { id } = await deployed(told);
  here.aws.engine.wishes.fails.clear();
  told.story.retry(id);
  await collectStream(told.story, id);
  expect(twin(told, id).state).toBe("succeeded");
  const database = told.db.$client.serialize().toString("latin1");
  expect(database).toContain("slipway-an-app-deployme");
  for (const secret of [entered, access.subject ?? "?"]) expect(database).not.toContain(secret);
  expect(database).not.toMatch(/ASIA[0-9A-F]{16}|eyJhbGciOi/);
});
