import type { App } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Choice, Plan } from "../../../plan.ts";
import { listeningPort } from "../../services.ts";
import { builtInSteps, parameters, type Template } from "../cloudformation.ts";
import { presets } from "../presets.ts";
import { asOf, sumLines } from "../prices.ts";
import { compileResources } from "./app-resources.ts";
import { type CompileContext, mergeUnique, type TemplateFragment } from "./context.ts";
import { cluster } from "./ecs/cluster.ts";
import { eventBridgeSchedule } from "./ecs/eventbridge-schedule.ts";
import { jobs, jobTaskDefinitions, type NamedJob } from "./ecs/jobs.ts";
import { service, serviceConnectNamespace } from "./ecs/service.ts";
import { type NamedService, nameServices } from "./ecs/services.ts";
import { compileEnvironment } from "./environment.ts";
import { logicalIds, uniqueStepNames } from "./logical-ids.ts";
import { cloudFront } from "./resources/cloudfront.ts";
import { codeBuild } from "./resources/codebuild.ts";
import { customResourceFunction } from "./resources/custom-resource.ts";
import { imageBuilds } from "./resources/ecr-images.ts";
import { loadBalancer } from "./resources/load-balancer.ts";
import { vpc } from "./resources/vpc.ts";

const fixedSteps = ["network", "cluster", "variables", "build", "balancer", "https", "names", "schedule"];

/** One CloudFormation template for the app, and what it costs. Pure: names come from the stack and its parameters. */
export function compile(wanted: App, { region, preset }: Choice): Plan {
  const app = forCloud(wanted, "aws");
  const id = logicalIds();
  const step = uniqueStepNames([...fixedSteps, ...Object.values(builtInSteps)]);
  const services = nameServices(app, id, step);
  const setting: CompileContext = { app, region, preset, settings: presets[preset], services };

  const stores = compileResources(setting, id).map((one) => ({
    ...one,
    step: one.step && { ...one.step, name: step(one.step.name, one.needed.type) },
  }));
  const variables = compileEnvironment(setting, stores, id);
  const { entries, secretArns: readable } = variables;
  const works = (when: string, kind: "Job" | "Schedule"): NamedJob[] =>
    app.jobs
      .filter((job) => job.when === when)
      .map((job) => ({ job, id: id(kind, job.name), step: kind === "Job" ? step(job.name, "job") : "schedule" }));
  const before = [...works("release", "Job"), ...works("first", "Job")];
  const timed = works("schedule", "Schedule");
  const open = services.filter((one) => one.service.public && listeningPort(one.service) !== null);
  const last = before.at(-1);
  const after = last ? [`${last.id}Run`] : [];
  const mayUse = stores.flatMap((store) => store.mayUse ?? []);

  const run = jobs(setting, before);
  const timing = eventBridgeSchedule(setting, timed, after);
  const pieces: TemplateFragment[] = [
    vpc(setting),
    cluster(setting, { readable, mayUse }),
    ...(imageBuilds(app).length + before.length > 0 ? [customResourceFunction(setting)] : []),
    codeBuild(setting),
    ...stores,
    loadBalancer(setting, open),
    cloudFront(setting, open),
    variables,
    serviceConnectNamespace(setting),
    ...(app.jobs.length > 0
      ? [jobTaskDefinitions(setting, { entries, step: (run[0] ?? timing).step, waits: run.length > 0 })]
      : []),
    ...run,
    ...services.map((one: NamedService) => service(setting, one, { entries, after })),
    timing,
  ];
  const steps = stepsOf(pieces);
  const template: Template = {
    AWSTemplateFormatVersion: "2010-09-09",
    Description: `${app.slug} on AWS, compiled by Slipway`,
    Metadata: {
      Slipway: {
        Steps: steps.map(({ name, ids }) => ({ Name: name, Resources: ids })),
        Variables: variables.parameterVariables,
        Optional: variables.optional,
        More: variables.sharedVariables,
      },
    },
    Parameters: { ...deployment, ...mergeUnique(pieces.map((piece) => piece.parameters)) },
    Rules: mergeUnique(pieces.map((piece) => piece.rules)),
    Conditions: mergeUnique(pieces.map((piece) => piece.conditions)),
    Resources: mergeUnique(pieces.map((piece) => piece.resources)),
    Outputs: mergeUnique(pieces.map((piece) => piece.outputs)),
  };
  const lines = pieces.flatMap((piece) => piece.lines ?? []);
  return {
    cloud: "aws",
    region,
    preset,
    currency: "USD",
    asOf,
    monthly: sumLines(lines),
    lines,
    steps: [
      { name: builtInSteps.stack, title: "Hand the template to CloudFormation" },
      ...steps.map(({ name, title }) => ({ name, title })),
      { name: builtInSteps.answer, title: "Wait for an answer" },
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
function stepsOf(pieces: TemplateFragment[]) {
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
