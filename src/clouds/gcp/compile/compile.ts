import type { App } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Choice, Plan } from "../../../plan.ts";
import { publicServices } from "../../services.ts";
import { presets } from "../presets.ts";
import { asOf, logsLine, secretsLine, total } from "../prices.ts";
import { ownSteps, type Stack, type Step } from "../stack.ts";
import { data, outputs } from "./app-resources.ts";
import type { Piece, Setting } from "./context.ts";
import { environment } from "./environment.ts";
import { text } from "./expressions.ts";
import { appHost, type Told } from "./interpolation.ts";
import { longestSuffix, namer } from "./names.ts";
import { makings, mirrors, remoteImages } from "./resources/artifact-registry.ts";
import { build } from "./resources/cloud-build.ts";
import { enable } from "./resources/enabled-apis.ts";
import { keyStep, keys } from "./resources/hmac-keys.ts";
import { keeper } from "./resources/secret-manager.ts";
import { type Account, accounts } from "./resources/service-accounts.ts";
import { folders, volumes } from "./run/gcs-volumes.ts";
import { isTimed, jobs, schedule } from "./run/jobs.ts";
import { ports } from "./run/proxy-ports.ts";
import { service } from "./run/service.ts";
import { served } from "./run/services.ts";

const fixedSteps = [
  "apis",
  "accounts",
  "repository",
  "images",
  "build",
  "secrets",
  keyStep,
  "schedule",
  ownSteps.answer,
];

/** Everything the app needs on Google Cloud, in steps that wait for no more than they must, and what it costs. Pure. */
export function compile(wanted: App, { region, preset }: Choice): Plan {
  const app = forCloud(wanted, "gcp");
  const suffix = namer(longestSuffix, ["images"]);
  const step = namer(50, [...fixedSteps, ...makings(app).map((one) => one.step)]);
  const services = served(app, suffix, step);
  const setting: Setting = {
    app,
    region,
    preset,
    settings: presets[preset],
    services,
    ports: ports(app),
    suffix,
    step,
  };

  const all = data(setting);
  const { piece: files, of: folder } = folders(setting);
  const kept = keeper(setting);
  const told: Told = { app, services, outputs: outputs(app, all) };
  const env = environment(setting, told, all, kept);
  const dataSteps = [...all, files].flatMap(({ steps = [] }) => steps.map(({ name }) => name));
  const secretSteps = kept.steps();
  const keySteps = keys(all, kept);
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

  const who: Account[] = [
    ...(makings(app).length > 0 ? ["build" as const] : []),
    "run",
    ...(app.jobs.some(isTimed) ? ["schedule" as const] : []),
    ...(keySteps.length > 0 ? ["keys" as const] : []),
  ];
  const uses = (type: string) => all.some(({ needed }) => needed.type === type);
  const sql = uses("postgres") || uses("mysql");
  const pieces: Piece[] = [
    {
      steps: [
        enable({
          builds: makings(app).length > 0,
          images: mirrors(app).length > 0,
          sql,
          redis: uses("redis"),
          buckets: uses("bucket") || volumes(app).length > 0,
          secrets: kept.count() > 0,
          schedule: app.jobs.some(isTimed),
        }),
        accounts(setting, who, { sql }),
      ],
    },
    build(setting),
    { steps: remoteImages(setting) },
    ...all,
    files,
    { steps: [...secretSteps, ...keySteps], lines: kept.count() > 0 ? [secretsLine(region, kept.count())] : [] },
    running,
    ...services.map((one) => service(setting, one, live)),
    schedule(setting, live),
    { lines: [logsLine] },
  ];
  const host = appHost(told);
  const steps = pieces.flatMap((piece) => piece.steps ?? []);
  const stack: Stack = {
    steps: lean(steps),
    url: host ? text("https://", ...host) : null,
    health: publicServices(app)[0]?.health?.path ?? null,
  };
  const lines = pieces.flatMap((piece) => piece.lines ?? []);
  return {
    cloud: "gcp",
    region,
    preset,
    currency: "USD",
    asOf,
    monthly: total(lines),
    lines,
    steps: [
      ...steps.map(({ name, title }) => ({ name, title })),
      ...(host ? [{ name: ownSteps.answer, title: "Wait for an answer" }] : []),
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
