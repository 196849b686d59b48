import type { App } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import type { Remark } from "../../../plan.ts";
import { buildRemarks } from "../../build-support.ts";
import { declaredSupport } from "../../declared-support.ts";
import { remark } from "../../remark.ts";
import { publicServices } from "../../services.ts";
import { isManaged } from "./app-resources.ts";
import { findDynamicReferences } from "./dynamic-references.ts";
import { schedules } from "./ecs/cron.ts";
import { serviceConnectName } from "./ecs/services.ts";
import { engineVersion, isExactVersion } from "./engine-versions.ts";
import { askedVariables, assignParameters, builtInParameterCount } from "./parameters.ts";
import { imageBuilds } from "./resources/ecr-images.ts";

/** Returns what AWS cannot do for an app, or only approximately. */
export function support(original: App): Remark[] {
  const app = forCloud(original, "aws");
  return [
    ...declaredSupport(app, "aws", "AWS"),
    ...dynamicReferenceRemarks(original),
    ...imageBuildRemarks(app),
    ...resourceRemarks(app),
    ...serviceRemarks(app),
    ...jobRemarks(app),
    ...variableRemarks(app),
  ];
}

const dynamicReferenceRemarks = (app: App): Remark[] =>
  findDynamicReferences(app).map((path) =>
    remark(
      "missing",
      path,
      "CloudFormation would read a secret of the visitor's account where this says `{{resolve:`, and has no way to write it otherwise.",
      "Write it so that `{{` does not stand before `resolve:`.",
    ),
  );

const imageBuildRemarks = (app: App): Remark[] =>
  imageBuilds(app).length === 0
    ? []
    : buildRemarks(app, "AWS builds from GitHub, and cannot reach a folder on this machine.");

const products: Partial<Record<App["resources"][number]["type"], string>> = {
  postgres: "Postgres",
  mysql: "MySQL",
  redis: "Valkey, which speaks Redis 7,",
};

const resourceRemarks = ({ resources }: App): Remark[] =>
  resources.flatMap(({ name, type, version, env }) => {
    const path = `resources.${name}`;
    if (!isManaged(type)) {
      const explanation = type === "smtp" ? "AWS lends no mail server without asking" : `This stack makes no ${type}`;
      const names = Object.keys(env).join(", ");
      return [
        remark("approximate", path, `${explanation}: give the address of one you have in ${names || "its variables"}.`),
      ];
    }
    if (type === "bucket")
      return [remark("approximate", path, "Files in the bucket are private: the app has to hand them out itself.")];
    if (isExactVersion(type, version)) return [];
    return [
      remark(
        "approximate",
        path,
        `${name} asks for ${version} and gets ${products[type]} ${engineVersion(type, version)}.`,
      ),
    ];
  });

function serviceRemarks(app: App): Remark[] {
  const [primary, ...others] = publicServices(app);
  return [
    ...others.map(({ name }) =>
      remark(
        "approximate",
        `services.${name}`,
        `Only ${primary?.name} answers at the app's address; ${name} has one of its own, which the stack's outputs tell.`,
      ),
    ),
    ...app.services.flatMap((service) => {
      const path = `services.${service.name}`;
      const remarks: Remark[] = [];
      if (service.public && service.scale.min === 0)
        remarks.push(
          remark("approximate", path, `${service.name} always runs once: Fargate does not wake on a request.`),
        );
      for (const { mount } of service.volumes ?? [])
        remarks.push(
          remark(
            "approximate",
            path,
            `What ${service.name} writes to ${mount} is gone when its task is replaced.`,
            "Keep files in a bucket.",
          ),
        );
      const host = serviceConnectName(service.name);
      if (!service.public && service.port !== null)
        remarks.push(remark("exact", path, `Other services reach it as http://${host}:${service.port}.`));
      return remarks;
    }),
  ];
}

const jobRemarks = ({ jobs }: App): Remark[] =>
  jobs.flatMap(({ name, when, schedule: cron }) => {
    if (when !== "schedule") return [];
    const path = `jobs.${name}`;
    const schedule = schedules(cron ?? "");
    if (!schedule) {
      const fix = "Write five cron fields, such as `0 3 * * *`.";
      return [remark("ignored", path, `\`${cron ?? ""}\` is no schedule, so ${name} never runs.`, fix)];
    }
    if (schedule.expressions.length === 1) return [];
    const message = `${name} has a day of the month and a day of the week: it is two schedules here, and runs twice on a day that is both.`;
    return [remark("approximate", path, message)];
  });

const variableRemarks = (app: App): Remark[] =>
  assignParameters(askedVariables(app), builtInParameterCount).flatMap(
    ({ variable: { name, default: fallback }, kind }) => {
      const path = `env.${name}`;
      if (kind === "more")
        return [
          remark("approximate", path, `${name} is in the parameter MoreVariables: there may be no more than 60.`),
        ];
      if (kind !== "fixed") return [];
      const explanation = fallback === null ? "is left out" : "keeps its default";
      return [
        remark("ignored", path, `${name} ${explanation}: CloudFormation takes no longer parameters, and not so many.`),
      ];
    },
  );
