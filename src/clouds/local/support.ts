import type { App, Resource } from "../../app.ts";
import type { Remark } from "../../plan.ts";
import { note } from "../../result.ts";
import { hasAccount } from "./place.ts";
import { findPostgres, findRedis } from "./programs.ts";
import { lacking, languages, runtimeOf } from "./runtimes.ts";

const remark = (level: Remark["level"], message: string, path = "", fix = ""): Remark => ({
  ...note(message, { path, fix }),
  level,
});

/** What this machine cannot do for an app; `path` is the PATH that programs are looked for on. */
export const support = (app: App, path: string): Remark[] => [
  ...builds(app, path),
  ...app.resources.flatMap((resource) => resourceRemarks(resource, path)),
  ...services(app),
  ...schedules(app),
];

function builds(app: App, path: string): Remark[] {
  const { build } = app;
  const runtime = runtimeOf(build, (file) => app.read.includes(file));
  if (build.kind === "image" || build.kind === "dockerfile") {
    const what = build.kind === "image" ? `the image ${build.image}` : `the ${build.dockerfile || "Dockerfile"}`;
    if (!runtime)
      return [
        remark(
          "missing",
          `This machine runs no containers, so ${what} cannot be used here.`,
          "build",
          "Choose another cloud.",
        ),
      ];
    const instead = remark(
      "approximate",
      `This machine runs no containers: instead of ${what}, the files are built as a ${runtime.name} app.`,
      "build",
    );
    return [instead, ...tools(runtime, path)];
  }
  if (runtime) return tools(runtime, path);
  if (build.kind === "buildpacks" && build.language !== null) {
    const fix = "Choose another cloud.";
    return [remark("missing", `This machine builds ${languages.join(", ")}, and no ${build.language}.`, "build", fix)];
  }
  return [];
}

function tools(runtime: NonNullable<ReturnType<typeof runtimeOf>>, path: string): Remark[] {
  const program = lacking(runtime, path);
  if (!program) return [];
  const message = `A ${runtime.name} app needs ${program}, which is not on the PATH of this machine.`;
  return [remark("missing", message, "build", `To have it, ${runtime.install}; then reload this page.`)];
}

const programs: Partial<Record<Resource["type"], { name: string; find(path: string): string | null; fix: string }>> = {
  postgres: {
    name: "PostgreSQL",
    find: findPostgres,
    fix: "Install it with `sudo apt install postgresql` or `brew install postgresql`, then reload this page.",
  },
  redis: {
    name: "Redis",
    find: findRedis,
    fix: "Install it with `sudo apt install redis-server` or `brew install redis`, then reload this page.",
  },
};

function resourceRemarks({ name, type, version, size }: Resource, path: string): Remark[] {
  const at = `resources.${name}`;
  const program = programs[type];
  if (!program) {
    const message = `This machine has PostgreSQL and Redis only; ${name} is ${type}.`;
    return [remark("missing", message, at, "Choose another cloud.")];
  }
  if (program.find(path) === null)
    return [
      remark("missing", `${name} needs ${program.name}, which is not installed on this machine.`, at, program.fix),
    ];
  if (type === "postgres" && !hasAccount()) {
    const message = `${name} needs PostgreSQL, which does not run for a user without an account.`;
    return [remark("missing", message, at, "Start Slipway as a user that this machine knows by name.")];
  }
  const remarks: Remark[] = [];
  if (version !== null)
    remarks.push(
      remark("approximate", `${name} asks for ${program.name} ${version} and gets the version installed here.`, at),
    );
  if (size !== "S") remarks.push(remark("ignored", `The size of ${name}: it takes what this machine has.`, at));
  return remarks;
}

function services({ services }: App): Remark[] {
  const idle = services.filter(({ scale }) => scale.max === 0);
  const open = services.filter((service) => service.public);
  const fix = "Choose another cloud for several at once.";
  return [
    ...idle.map(({ name }) =>
      remark("exact", `${name} is scaled to nothing, so it is not started.`, `services.${name}`),
    ),
    ...services.flatMap(({ name, size, scale }) => [
      ...(size === "S"
        ? []
        : [remark("ignored", `The size of ${name}: it takes what this machine has.`, `services.${name}`)]),
      ...(scale.min > 1
        ? [remark("approximate", `${name} runs once here, not ${scale.min} times.`, `services.${name}`, fix)]
        : []),
    ]),
    ...open.slice(1).map(({ name }) => {
      const message = `Only ${open[0]?.name} gets an address that is shown; ${name} runs with a port of its own.`;
      return remark("approximate", message, `services.${name}`);
    }),
  ];
}

const schedules = ({ jobs }: App): Remark[] =>
  jobs
    .filter(({ when }) => when === "schedule")
    .map(({ name, schedule }) =>
      remark("exact", `${name} runs on its schedule (${schedule}, UTC) while this machine is on.`, `jobs.${name}`),
    );
