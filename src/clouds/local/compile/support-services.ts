import type { App, Service, Volume } from "../../../app.ts";
import type { Remark } from "../../../plan.ts";
import { remark } from "../../remark.ts";
import { publicServices } from "../../services.ts";
import { pathInApp } from "./volumes.ts";

/** Returns how the services' sizes, scales, addresses and volumes differ here. */
export function serviceRemarks(app: App): Remark[] {
  const { services } = app;
  const [primary, ...others] = publicServices(app);
  const volumes = services.flatMap((service) => service.volumes ?? []);
  return [
    ...services.flatMap((service) => [
      ...(service.volumes ?? []).map((volume) => volumeRemark(service, volume, volumes)),
      ...scaleRemarks(service),
    ]),
    ...others.map(({ name }) => {
      const message = `Only ${primary?.name} gets an address that is shown; ${name} runs with a port of its own.`;
      return remark("approximate", `services.${name}`, message);
    }),
  ];
}

function scaleRemarks({ name, size, scale }: Service): Remark[] {
  const path = `services.${name}`;
  const fix = "Choose another cloud for several at once.";
  const remarks: Remark[] = [];
  if (size !== "S")
    remarks.push(remark("ignored", `${path}.size`, `The size of ${name}: it takes what this machine has.`));
  if (scale.min > 1)
    remarks.push(remark("approximate", `${path}.scale`, `${name} runs once here, not ${scale.min} times.`, fix));
  else if (scale.max > scale.min)
    remarks.push(remark("approximate", `${path}.scale`, `${name} runs once here, however busy it is.`, fix));
  return remarks;
}

function volumeRemark(service: Service, { name, mount, size }: Volume, volumes: Volume[]): Remark {
  const path = `services.${service.name}.volumes.${name}`;
  const folder = pathInApp(mount);
  if (folder === null) {
    const message = `${service.name} keeps files in ${mount}, which is outside the app: that would be a folder of this machine itself, so none is made.`;
    return remark("ignored", path, message, "Let the app keep them in a folder of its own, such as /app/data.");
  }
  if (volumes.some((other) => other.name === name && pathInApp(other.mount) !== folder)) {
    const message = `The volume ${name} is a folder of its own in each place it is mounted at, ${mount} being one.`;
    return remark("approximate", path, message);
  }
  const kept = folder === "" ? "all files of the app" : `the folder ${folder} of the app`;
  const message = `What ${service.name} keeps in ${mount} is ${kept}, which stays; ${size} GB are no limit.`;
  return remark("exact", path, message);
}
