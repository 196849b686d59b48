import type { App } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Choice, Plan } from "../../../plan.ts";
import { sumLines } from "../../price-lines.ts";
import { listeningPort } from "../../services.ts";
import { builtInSteps, parameters, type Template } from "../cloudformation.ts";
import { presets } from "../presets.ts";
import { asOf } from "../prices.ts";
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

/**
 * Compiles the app into one CloudFormation template with its cost. Pure: names come from the stack and its parameters.
 */
export function compile(original: App, { region, preset }: Choice): Plan {
  const app = forCloud(original, "aws");
  const id = logicalIds();
  const step = uniqueStepNames([...fixedSteps, ...Object.values(builtInSteps)]);
  const services = nameServices(app, id, step);
  const context: CompileContext = { app, region, preset, settings: presets[preset], services };

  const resources = compileResources(context, id).map((fragment) => ({
    ...fragment,
    step: fragment.step && { ...fragment.step, name: step(fragment.step.name, fragment.resource.type) },
  }));
  const variables = compileEnvironment(context, resources, id);
  const { entries, secretArns } = variables;
  const namedJobs = (when: string, kind: "Job" | "Schedule"): NamedJob[] =>
    app.jobs
      .filter((job) => job.when === when)
      .map((job) => ({ job, id: id(kind, job.name), step: kind === "Job" ? step(job.name, "job") : "schedule" }));
  const releaseJobs = [...namedJobs("release", "Job"), ...namedJobs("first", "Job")];
  const scheduledJobs = namedJobs("schedule", "Schedule");
  const publicNamed = services.filter(
    (fragment) => fragment.service.public && listeningPort(fragment.service) !== null,
  );
  const lastReleaseJob = releaseJobs.at(-1);
  const dependsOn = lastReleaseJob ? [`${lastReleaseJob.id}Run`] : [];
  const taskStatements = resources.flatMap((store) => store.taskStatements ?? []);

  const jobFragments = jobs(context, releaseJobs);
  const scheduleFragment = eventBridgeSchedule(context, scheduledJobs, dependsOn);
  const fragments: TemplateFragment[] = [
    vpc(context),
    cluster(context, { secretArns, taskStatements }),
    ...(imageBuilds(app).length + releaseJobs.length > 0 ? [customResourceFunction(context)] : []),
    codeBuild(context),
    ...resources,
    loadBalancer(context, publicNamed),
    cloudFront(context, publicNamed),
    variables,
    serviceConnectNamespace(context),
    ...(app.jobs.length > 0
      ? [
          jobTaskDefinitions(context, {
            entries,
            step: (jobFragments[0] ?? scheduleFragment).step,
            waitsForJobs: jobFragments.length > 0,
          }),
        ]
      : []),
    ...jobFragments,
    ...services.map((fragment: NamedService) => service(context, fragment, { entries, dependsOn })),
    scheduleFragment,
  ];
  const steps = stepsOf(fragments);
  const templateResources = mergeUnique(fragments.map((fragment) => fragment.resources));
  const isProtectable =
    context.settings.deletionProtection &&
    Object.values(templateResources).some(({ Type }) => protectableTypes.includes(Type));
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
    Parameters: {
      ...deploymentParameter,
      ...(isProtectable ? protectedParameter : {}),
      ...mergeUnique(fragments.map((fragment) => fragment.parameters)),
    },
    Rules: mergeUnique(fragments.map((fragment) => fragment.rules)),
    Conditions: {
      ...(isProtectable ? protectedCondition : {}),
      ...mergeUnique(fragments.map((fragment) => fragment.conditions)),
    },
    Resources: templateResources,
    Outputs: mergeUnique(fragments.map((fragment) => fragment.outputs)),
  };
  const lines = fragments.flatMap((fragment) => fragment.lines ?? []);
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

const deploymentParameter = {
  [parameters.deployment]: {
    Type: "String" as const,
    Description: "Only for the tags: which deployment of Slipway this is",
    Default: "by-hand",
    AllowedPattern: "^[A-Za-z0-9-]{1,64}$",
  },
};

const protectableTypes = ["AWS::RDS::DBInstance", "AWS::ElasticLoadBalancingV2::LoadBalancer"];

// A protected resource could not be deleted if its stack failed, so protection is an update of a complete stack.
const protectedParameter = {
  [parameters.protected]: {
    Type: "String" as const,
    Description: "true protects databases and the load balancer against deletion: set it once the stack is complete",
    Default: "false",
    AllowedValues: ["true", "false"],
  },
};
const protectedCondition = { IsProtected: { "Fn::Equals": [{ Ref: parameters.protected }, "true"] } };

/** Returns the steps in order, each with its resources. Fragments without resources are left out. */
function stepsOf(fragments: TemplateFragment[]) {
  const steps = new Map<string, { name: string; title: string; ids: string[] }>();
  for (const { step, resources = {} } of fragments) {
    const ids = Object.keys(resources);
    if (!step || ids.length === 0) continue;
    const existing = steps.get(step.name);
    if (existing) existing.ids.push(...ids);
    else steps.set(step.name, { ...step, ids });
  }
  return [...steps.values()];
}
