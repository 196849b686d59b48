// Runs as a Lambda function in the visitor's account: starts a build or a job, waits for it, and reports the outcome to
// CloudFormation. A Lambda ends after 15 minutes, so the function invokes itself to keep waiting.
const code = String.raw`const api = (name, client) => new (require("@aws-sdk/client-" + name)[client])();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

exports.handler = async (event, context) => {
  const id = event.PhysicalResourceId || event.LogicalResourceId;
  const asked = event.ResourceProperties;
  const answer = async (Status, Reason = "") => {
    const { StackId, RequestId, LogicalResourceId } = event;
    const body = { Status, Reason: Reason.slice(0, 1500), PhysicalResourceId: id, StackId, RequestId, LogicalResourceId };
    // Bytes, because a text brings a content type along, which the signature of this URL may not allow.
    const reply = await fetch(event.ResponseURL, { method: "PUT", body: Buffer.from(JSON.stringify(body)) });
    if (!reply.ok) throw new Error("not taken: " + reply.status);
  };
  if (event.RequestType === "Delete") return answer("SUCCESS");
  if (event.RequestType === "Update" && asked.Once === "true") return answer("SUCCESS");
  let problem;
  try {
    const kind = asked.Kind === "build" ? build : job;
    const run = event.Run || { since: Date.now(), what: await patiently(() => kind.start(asked, event.RequestId)) };
    while (problem === undefined && context.getRemainingTimeInMillis() > 60000) {
      problem = await patiently(() => kind.look(asked, run.what));
      const most = Math.min(asked.Seconds || 3300, 3300);
      if (problem === undefined && Date.now() - run.since > most * 1000) problem = "it did not end within " + most / 60 + " minutes.";
      if (problem === undefined) await pause(5000);
    }
    if (problem === undefined) {
      const Payload = JSON.stringify({ ...event, Run: run });
      await api("lambda", "Lambda").invoke({ FunctionName: context.functionName, InvocationType: "Event", Payload });
      return;
    }
  } catch (error) {
    problem = error.name + ": " + error.message;
  }
  return problem === "" ? answer("SUCCESS") : answer("FAILED", asked.Title + ": " + problem);
};

// A role that was made a moment ago is not known everywhere yet.
const patiently = async (start, left = 8) => {
  try {
    return await start();
  } catch (error) {
    const early = /AccessDenied|InvalidInput|ClientException|InvalidParameter/.test(error.name);
    if (left === 0 || !early || !/role|authorized/i.test(error.message)) throw error;
    await pause(10000);
    return patiently(start, left - 1);
  }
};

const lastLines = async (logGroupName, logStreamName) => {
  try {
    const { events = [] } = await api("cloudwatch-logs", "CloudWatchLogs").getLogEvents({ logGroupName, logStreamName, limit: 8 });
    return events.map(({ message }) => "\n" + message.trim().slice(0, 150)).join("");
  } catch {
    return "";
  }
};

const build = {
  async start({ Project }, idempotencyToken) {
    return (await api("codebuild", "CodeBuild").startBuild({ projectName: Project, idempotencyToken })).build.id;
  },
  async look(asked, id) {
    const { builds: [one] } = await api("codebuild", "CodeBuild").batchGetBuilds({ ids: [id] });
    if (!one || one.buildStatus === "IN_PROGRESS") return undefined;
    if (one.buildStatus === "SUCCEEDED") return "";
    const { groupName, streamName } = one.logs || {};
    return "it ended as " + one.buildStatus + "." + (await lastLines(groupName, streamName));
  },
};

const job = {
  async start(asked, clientToken) {
    const { tasks = [], failures = [] } = await api("ecs", "ECS").runTask({
      cluster: asked.Cluster,
      taskDefinition: asked.Task,
      launchType: "FARGATE",
      clientToken,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: asked.Subnets,
          securityGroups: asked.SecurityGroups,
          assignPublicIp: asked.PublicIp,
        },
      },
      overrides: { containerOverrides: [{ name: "app", command: asked.Command }], cpu: asked.Cpu, memory: asked.Memory },
    });
    if (!tasks[0]) throw new Error(failures.map(({ reason }) => reason).join(", ") || "nothing started");
    return tasks[0].taskArn;
  },
  async look({ Cluster, LogGroup, Stream }, arn) {
    const { tasks: [task] } = await api("ecs", "ECS").describeTasks({ cluster: Cluster, tasks: [arn] });
    if (!task || task.lastStatus !== "STOPPED") return undefined;
    const { exitCode, reason } = task.containers.find(({ name }) => name === "app") || {};
    if (exitCode === 0) return "";
    const lines = await lastLines(LogGroup, Stream + "/app/" + arn.split("/").pop());
    return (exitCode === undefined ? reason || task.stoppedReason : "it ended with exit code " + exitCode + ".") + lines;
  },
};
`;

/** Removes indentation, comments and empty lines: an inline function may have 4096 characters. */
export const handlerSource = code.replace(/^\s*\/\/.*\n|^\s+/gm, "");
