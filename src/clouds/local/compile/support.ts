import type { App, Service } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import { type Requirement, requirementsOf } from "../../../manifest/requirements.ts";
import { type Levels, supportOf } from "../../../manifest/support-levels.ts";
import type { Remark } from "../../../plan.ts";
import { remark } from "../../remark.ts";
import type { Installed } from "../programs.ts";
import { buildRemarks } from "./support-build.ts";
import { resourceRemarks } from "./support-resources.ts";
import { serviceRemarks } from "./support-services.ts";

/** Returns what this machine cannot do for an app, or does differently. */
export function support(original: App, machine: Installed): Remark[] {
  const allServices = forCloud(original, "local");
  const isIdle = ({ scale }: Service) => scale.max === 0;
  const app = { ...allServices, services: allServices.services.filter((service) => !isIdle(service)) };
  const specific = [
    ...overrideRemarks(app),
    ...buildRemarks(app, machine),
    ...app.resources.flatMap((resource) => resourceRemarks(resource, machine)),
    ...allServices.services
      .filter(isIdle)
      .map(({ name }) => remark("exact", `services.${name}`, `${name} is scaled to nothing, so it is not started.`)),
    ...serviceRemarks(app),
    ...jobRemarks(app),
  ];
  const requirements = requirementsOf(app);
  const general = supportOf(app, levels).filter((_, index) => !hasSpecificRemark(requirements[index], specific));
  return [...specific, ...general];
}

function hasSpecificRemark(requirement: Requirement | undefined, remarks: Remark[]): boolean {
  if (requirement?.kind === "resource") return remarks.some(({ path }) => path === requirement.path);
  return (
    requirement !== undefined && ["schedule", "volume", "scale", "second public service"].includes(requirement.kind)
  );
}

const levels: Levels = {
  resource: { level: "exact", reason: "it gets a server of its own here, which nobody else uses" },
  option: { level: "ignored", reason: "the server here takes what this machine has, and its own settings" },
  release: "exact",
  first: "exact",
  "own build": {
    level: "missing",
    reason: "this machine builds one thing, the files of the app; choose another cloud",
  },
  "own env": "exact",
  "private service": { level: "exact", reason: "others find it on 127.0.0.1, at a port of its own" },
  health: "exact",
  "app url": { level: "approximate", reason: "that is http://127.0.0.1 with a port, which only this computer reaches" },
  "odd name": { level: "ignored", reason: "the shell that starts the app may drop it" },
};

function overrideRemarks({ name, overrides }: App): Remark[] {
  const { supported, options } = overrides?.local ?? {};
  const path = "cloud.providers.local";
  const unknown = Object.keys(options ?? {});
  const remarks: Remark[] = [];
  if (supported === false)
    remarks.push(
      remark("missing", path, `The maintainers of ${name} say that it does not run on a machine like this.`),
    );
  if (unknown.length > 0)
    remarks.push(remark("ignored", path, `This machine knows no option called ${unknown.join(", ")}.`));
  return remarks;
}

const jobRemarks = ({ jobs }: App): Remark[] =>
  jobs.flatMap(({ name, when, schedule, size = "S" }) => {
    const remarks: Remark[] = [];
    if (when === "schedule") {
      const message = `${name} runs on its schedule (${schedule}, UTC) while this machine is on.`;
      remarks.push(remark("exact", `jobs.${name}`, message));
    }
    if (size !== "S")
      remarks.push(remark("ignored", `jobs.${name}.size`, `The size of ${name}: it takes what this machine has.`));
    return remarks;
  });
