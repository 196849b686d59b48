import type { App } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Choice, Plan } from "../../../plan.ts";
import { portOf } from "../../services.ts";
import { ownSteps, parameters, type Template } from "../cloudformation.ts";
import { presets } from "../presets.ts";
import { asOf, total } from "../prices.ts";
import { data } from "./app-resources.ts";
import { merged, type Piece, type Setting } from "./context.ts";
import { cluster } from "./ecs/cluster.ts";
import { schedule } from "./ecs/eventbridge-schedule.ts";
import { commandTask, jobs, type Work } from "./ecs/jobs.ts";
import { names, service } from "./ecs/service.ts";
import { type Served, served } from "./ecs/services.ts";
import { environment } from "./environment.ts";
import { logicalIds, stepNames } from "./logical-ids.ts";
import { https } from "./resources/cloudfront.ts";
import { build } from "./resources/codebuild.ts";
import { runner } from "./resources/custom-resource.ts";
import { makings } from "./resources/ecr-images.ts";
import { balancer } from "./resources/load-balancer.ts";
import { network } from "./resources/vpc.ts";

const fixedSteps = ["network", "cluster", "variables", "build", "balancer", "https", "names", "schedule"];

/** One CloudFormation template for the app, and what it costs. Pure: names come from the stack and its parameters. */
export function compile(wanted: App, { region, preset }: Choice): Plan {
  const app = forCloud(wanted, "aws");
  const id = logicalIds();
  const step = stepNames([...fixedSteps, ...Object.values(ownSteps)]);
  const services = served(app, id, step);
  const setting: Setting = { app, region, preset, settings: presets[preset], services };

  const stores = data(setting, id).map((one) => ({
    ...one,
    step: one.step && { ...one.step, name: step(one.step.name, one.needed.type) },
  }));
  const variables = environment(setting, stores, id);
  const { entries, readable } = variables;
  const works = (when: string, kind: "Job" | "Schedule"): Work[] =>
    app.jobs
      .filter((job) => job.when === when)
      .map((job) => ({ job, id: id(kind, job.name), step: kind === "Job" ? step(job.name, "job") : "schedule" }));
  const before = [...works("release", "Job"), ...works("first", "Job")];
  const timed = works("schedule", "Schedule");
  const open = services.filter((one) => one.service.public && portOf(one.service) !== null);
  const last = before.at(-1);
  const after = last ? [`${last.id}Run`] : [];
  const mayUse = stores.flatMap((store) => store.mayUse ?? []);

  const run = jobs(setting, before);
  const timing = schedule(setting, timed, after);
  const pieces: Piece[] = [
    network(setting),
    cluster(setting, { readable, mayUse }),
    ...(makings(app).length + before.length > 0 ? [runner(setting)] : []),
    build(setting),
    ...stores,
    balancer(setting, open),
    https(setting, open),
    variables,
    names(setting),
    ...(app.jobs.length > 0
      ? [commandTask(setting, { entries, step: (run[0] ?? timing).step, waits: run.length > 0 })]
      : []),
    ...run,
    ...services.map((one: Served) => service(setting, one, { entries, after })),
    timing,
  ];
  const steps = stepsOf(pieces);
  const template: Template = {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `${app.slug} on AWS, compiled by Slipway`,
    Metadata: {
      Slipway: {
        Steps: steps.map(({ name, ids }) => ({ Name: name, Resources: ids })),
        Variables: variables.carried,
        Optional: variables.optional,
        More: variables.more,
      },
    },
    Parameters: { ...deployment, ...merged(pieces.map((piece) => piece.parameters)) },
    Rules: merged(pieces.map((piece) => piece.rules)),
    Conditions: merged(pieces.map((piece) => piece.conditions)),
    Resources: merged(pieces.map((piece) => piece.resources)),
    Outputs: merged(pieces.map((piece) => piece.outputs)),
  };
  const lines = pieces.flatMap((piece) => piece.lines ?? []);
  return {
    cloud: "aws",
    region,
    preset,
    currency: "USD",
    asOf,
    monthly: total(lines),
    lines,
    steps: [
      { name: ownSteps.stack, title: "Hand the template to CloudFormation" },
      ...steps.map(({ name, title }) => ({ name, title })),
      { name: ownSteps.answer, title: "Wait for an answer" },
    ],
    stack: template as unknown as Plan["stack"],
  };
}

const deployment = {
  [parameters.deployment]: {
    Type: "String" as const,
    Description: "Only for the tags: which deployment of Slipway this is",
    Default: "by-hand",
    AllowedPattern: "^[A-Za-z0-9-]{1,64}$",
  },
};

/** The steps in their order, each with all its resources; a part without resources is no step. */
function stepsOf(pieces: Piece[]) {
  const steps = new Map<string, { name: string; title: string; ids: string[] }>();
  for (const { step, resources = {} } of pieces) {
    const ids = Object.keys(resources);
    if (!step || ids.length === 0) continue;
    const known = steps.get(step.name);
    if (known) known.ids.push(...ids);
    else steps.set(step.name, { ...step, ids });
  }
  return [...steps.values()];
}
