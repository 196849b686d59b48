import type { App } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Choice, Plan } from "../../../plan.ts";
import { sumLines } from "../../price-lines.ts";
import { publicServices } from "../../services.ts";
import { presets } from "../presets.ts";
import { asOf, logsLine, secretsLine } from "../prices.ts";
import { builtInSteps, type Stack, type Step } from "../stack.ts";
import { compileResources, outputsByResource } from "./app-resources.ts";
import type { CompileContext, StackFragment } from "./context.ts";
import { compileEnvironment } from "./environment.ts";
import { concat } from "./expressions.ts";
import { appHost, type InterpolationScope } from "./interpolation.ts";
import { maxSuffixLength, uniqueNames } from "./names.ts";
import { imageBuilds, remoteRegistries, remoteRepositoriesStep } from "./resources/artifact-registry.ts";
import { build } from "./resources/cloud-build.ts";
import { enableApisStep } from "./resources/enabled-apis.ts";
import { hmacKeysStep } from "./resources/hmac-keys.ts";
import { createSecretRegistry } from "./resources/secret-manager.ts";
import { type ServiceAccountKind, serviceAccountsStep } from "./resources/service-accounts.ts";
import { volumeBuckets, volumes } from "./run/gcs-volumes.ts";
import { isScheduled, jobs, scheduledJobs } from "./run/jobs.ts";
import { ports } from "./run/proxy-ports.ts";
import { service } from "./run/service.ts";
import { nameServices } from "./run/services.ts";
import { reservedStepNames } from "./step-names.ts";

/** Compiles an app to a plan for Google Cloud: ordered steps that run in parallel where possible, with prices. */
export function compile(original: App, { region, preset }: Choice): Plan {
  const app = forCloud(original, "gcp");
  const suffix = uniqueNames(maxSuffixLength, ["images"]);
  const step = uniqueNames(50, [...reservedStepNames, ...imageBuilds(app).map((build) => build.step)]);
  const services = nameServices(app, suffix, step);
  const context: CompileContext = {
    app,
    region,
    preset,
    settings: presets[preset],
    services,
    ports: ports(app),
    suffix,
    step,
  };

  const resources = compileResources(context);
  const { fragment: fileBuckets, bucketFor } = volumeBuckets(context);
  const secrets = createSecretRegistry(context);
  const scope: InterpolationScope = { app, services, outputs: outputsByResource(app, resources) };
  const env = compileEnvironment(context, scope, resources, secrets);
  const dataSteps = [...resources, fileBuckets].flatMap(({ steps = [] }) => steps.map(({ name }) => name));
  const secretSteps = secrets.steps();
  const keySteps = hmacKeysStep(resources, secrets);
  const inputs = {
    environment: env,
    resources,
    bucketFor,
    after: ["accounts", ...dataSteps, ...[...secretSteps, ...keySteps].map(({ name }) => name)],
  };
  const beforeLive = [
    ...app.jobs.filter(({ when }) => when === "release"),
    ...app.jobs.filter(({ when }) => when === "first"),
  ];
  const jobsFragment = jobs(context, beforeLive, inputs);
  const lastJobStep = jobsFragment.steps?.at(-1);
  const liveInputs = lastJobStep ? { ...inputs, after: [lastJobStep.name] } : inputs;

  const serviceAccounts: ServiceAccountKind[] = [
    ...(imageBuilds(app).length > 0 ? ["build" as const] : []),
    "run",
    ...(app.jobs.some(isScheduled) ? ["schedule" as const] : []),
    ...(keySteps.length > 0 ? ["keys" as const] : []),
  ];
  const needs = (type: string) => resources.some(({ resource }) => resource.type === type);
  const sql = needs("postgres") || needs("mysql");
  const fragments: StackFragment[] = [
    {
      steps: [
        enableApisStep({
          builds: imageBuilds(app).length > 0,
          images: remoteRegistries(app).length > 0,
          sql,
          redis: needs("redis"),
          buckets: needs("bucket") || volumes(app).length > 0,
          secrets: secrets.count() > 0,
          schedule: app.jobs.some(isScheduled),
        }),
        serviceAccountsStep(context, serviceAccounts, { sql }),
      ],
    },
    build(context),
    { steps: remoteRepositoriesStep(context) },
    ...resources,
    fileBuckets,
    { steps: [...secretSteps, ...keySteps], lines: secrets.count() > 0 ? [secretsLine(region, secrets.count())] : [] },
    jobsFragment,
    ...services.map((namedService) => service(context, namedService, liveInputs)),
    scheduledJobs(context, liveInputs),
    { lines: [logsLine] },
  ];
  const host = appHost(scope);
  const steps = fragments.flatMap((fragment) => fragment.steps ?? []);
  const stack: Stack = {
    steps: withoutRedundantDependencies(steps),
    url: host ? concat("https://", ...host) : null,
    health: publicServices(app)[0]?.health?.path ?? null,
  };
  const lines = fragments.flatMap((fragment) => fragment.lines ?? []);
  return {
    cloud: "gcp",
    region,
    preset,
    currency: "USD",
    asOf,
    monthly: sumLines(lines),
    lines,
    steps: [
      ...steps.map(({ name, title }) => ({ name, title })),
      ...(host ? [{ name: builtInSteps.answer, title: "Wait for an answer" }] : []),
    ],
    stack: stack as unknown as Plan["stack"],
  };
}

/** Removes every dependency that another dependency of the same step already waits for. */
function withoutRedundantDependencies(steps: Step[]): Step[] {
  const transitive = new Map<string, Set<string>>();
  for (const { name, after } of steps)
    transitive.set(name, new Set(after.flatMap((dependency) => [dependency, ...(transitive.get(dependency) ?? [])])));
  return steps.map((step) => {
    const names = [...new Set(step.after)];
    return { ...step, after: names.filter((name) => !names.some((other) => transitive.get(other)?.has(name))) };
  });
}
