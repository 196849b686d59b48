import type { App } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Choice, Plan } from "../../../plan.ts";
import { publicServices } from "../../services.ts";
import { presets } from "../presets.ts";
import { asOf, logsLine, secretsLine, sumLines } from "../prices.ts";
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

/** Everything the app needs on Google Cloud, in steps that wait for no more than they must, and what it costs. Pure. */
export function compile(wanted: App, { region, preset }: Choice): Plan {
  const app = forCloud(wanted, "gcp");
  const suffix = uniqueNames(maxSuffixLength, ["images"]);
  const step = uniqueNames(50, [...reservedStepNames, ...imageBuilds(app).map((one) => one.step)]);
  const services = nameServices(app, suffix, step);
  const setting: CompileContext = {
    app,
    region,
    preset,
    settings: presets[preset],
    services,
    ports: ports(app),
    suffix,
    step,
  };

  const all = compileResources(setting);
  const { piece: files, of: folder } = volumeBuckets(setting);
  const kept = createSecretRegistry(setting);
  const told: InterpolationScope = { app, services, outputs: outputsByResource(app, all) };
  const env = compileEnvironment(setting, told, all, kept);
  const dataSteps = [...all, files].flatMap(({ steps = [] }) => steps.map(({ name }) => name));
  const secretSteps = kept.steps();
  const keySteps = hmacKeysStep(all, kept);
  const around = {
    environment: env,
    all,
    folder,
    after: ["accounts", ...dataSteps, ...[...secretSteps, ...keySteps].map(({ name }) => name)],
  };
  const before = [
    ...app.jobs.filter(({ when }) => when === "release"),
    ...app.jobs.filter(({ when }) => when === "first"),
  ];
  const running = jobs(setting, before, around);
  const last = running.steps?.at(-1);
  const live = last ? { ...around, after: [last.name] } : around;

  const who: ServiceAccountKind[] = [
    ...(imageBuilds(app).length > 0 ? ["build" as const] : []),
    "run",
    ...(app.jobs.some(isScheduled) ? ["schedule" as const] : []),
    ...(keySteps.length > 0 ? ["keys" as const] : []),
  ];
  const uses = (type: string) => all.some(({ resource: needed }) => needed.type === type);
  const sql = uses("postgres") || uses("mysql");
  const pieces: StackFragment[] = [
    {
      steps: [
        enableApisStep({
          builds: imageBuilds(app).length > 0,
          images: remoteRegistries(app).length > 0,
          sql,
          redis: uses("redis"),
          buckets: uses("bucket") || volumes(app).length > 0,
          secrets: kept.count() > 0,
          schedule: app.jobs.some(isScheduled),
        }),
        serviceAccountsStep(setting, who, { sql }),
      ],
    },
    build(setting),
    { steps: remoteRepositoriesStep(setting) },
    ...all,
    files,
    { steps: [...secretSteps, ...keySteps], lines: kept.count() > 0 ? [secretsLine(region, kept.count())] : [] },
    running,
    ...services.map((one) => service(setting, one, live)),
    scheduledJobs(setting, live),
    { lines: [logsLine] },
  ];
  const host = appHost(told);
  const steps = pieces.flatMap((piece) => piece.steps ?? []);
  const stack: Stack = {
    steps: lean(steps),
    url: host ? concat("https://", ...host) : null,
    health: publicServices(app)[0]?.health?.path ?? null,
  };
  const lines = pieces.flatMap((piece) => piece.lines ?? []);
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

/** Each step waits only for what those it waits for do not wait for already. */
function lean(steps: Step[]): Step[] {
  const before = new Map<string, Set<string>>();
  for (const { name, after } of steps)
    before.set(name, new Set(after.flatMap((one) => [one, ...(before.get(one) ?? [])])));
  return steps.map((step) => {
    const names = [...new Set(step.after)];
    return { ...step, after: names.filter((one) => !names.some((other) => before.get(other)?.has(one))) };
  });
}
