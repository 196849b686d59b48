import type { App, Service, Volume } from "../../../app.ts";
import { forCloud } from "../../../manifest/cloud-overrides.ts";
import { type Requirement, requirementsOf } from "../../../manifest/requirements.ts";
import { type Levels, supportOf } from "../../../manifest/support-levels.ts";
import type { Remark } from "../../../plan.ts";
import { remark } from "../../remark.ts";
import { builds } from "./support-build.ts";
import { resources } from "./support-resources.ts";
import { placeInApp } from "./volumes.ts";

/** What this machine cannot do for an app, or does differently; `path` is the PATH that programs are looked for on. */
export function support(wanted: App, path: string): Remark[] {
  const whole = forCloud(wanted, "local");
  const isIdle = ({ scale }: Service) => scale.max === 0;
  const app = { ...whole, services: whole.services.filter((service) => !isIdle(service)) };
  const own = [
    ...unwanted(app),
    ...builds(app, path),
    ...app.resources.flatMap((resource) => resources(resource, path)),
    ...whole.services.filter(isIdle).map(({ name }) => {
      const message = `${name} is scaled to nothing, so it is not started.`;
      return remark("exact", `services.${name}`, message);
    }),
    ...services(app),
    ...jobs(app),
  ];
  const needs = requirementsOf(app);
  return [...own, ...supportOf(app, levels).filter((_, index) => !isSpokenOf(needs[index], own))];
}

/** Needs about which there are sentences of our own above. */
function isSpokenOf(need: Requirement | undefined, own: Remark[]): boolean {
  if (need?.kind === "resource") return own.some(({ path }) => path === need.path);
  return need !== undefined && ["schedule", "volume", "scale", "second public service"].includes(need.kind);
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

function unwanted({ name, overrides }: App): Remark[] {
  const { supported, options } = overrides?.local ?? {};
  const at = "cloud.providers.local";
  const unknown = Object.keys(options ?? {});
  return [
    ...(supported === false
      ? [remark("missing", at, `The maintainers of ${name} say that it does not run on a machine like this.`)]
      : []),
    ...(unknown.length > 0
      ? [remark("ignored", at, `This machine knows no option called ${unknown.join(", ")}.`)]
      : []),
  ];
}

function services({ services }: App): Remark[] {
  const [first, ...more] = services.filter((service) => service.public);
  const mounts = services.flatMap((service) => service.volumes ?? []);
  return [
    ...services.flatMap((service) => {
      const { name, size, scale, volumes = [] } = service;
      const at = `services.${name}`;
      const remarks = volumes.map((volume) => volumeRemark(service, volume, mounts));
      if (size !== "S")
        remarks.push(remark("ignored", `${at}.size`, `The size of ${name}: it takes what this machine has.`));
      const fix = "Choose another cloud for several at once.";
      if (scale.min > 1)
        remarks.push(remark("approximate", `${at}.scale`, `${name} runs once here, not ${scale.min} times.`, fix));
      else if (scale.max > scale.min)
        remarks.push(remark("approximate", `${at}.scale`, `${name} runs once here, however busy it is.`, fix));
      return remarks;
    }),
    ...more.map(({ name }) => {
      const message = `Only ${first?.name} gets an address that is shown; ${name} runs with a port of its own.`;
      return remark("approximate", `services.${name}`, message);
    }),
  ];
}

function volumeRemark(service: Service, { name, mount, size }: Volume, all: Volume[]): Remark {
  const at = `services.${service.name}.volumes.${name}`;
  const place = placeInApp(mount);
  if (place === null) {
    const message = `${service.name} keeps files in ${mount}, which is outside the app: that would be a folder of this machine itself, so none is made.`;
    return remark("ignored", at, message, "Let the app keep them in a folder of its own, such as /app/data.");
  }
  if (all.some((other) => other.name === name && placeInApp(other.mount) !== place)) {
    const message = `The volume ${name} is a folder of its own in each place it is mounted at, ${mount} being one.`;
    return remark("approximate", at, message);
  }
  const what = place === "" ? "all files of the app" : `the folder ${place} of the app`;
  return remark(
    "exact",
    at,
    `What ${service.name} keeps in ${mount} is ${what}, which stays; ${size} GB are no limit.`,
  );
}

const jobs = ({ jobs }: App): Remark[] =>
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
